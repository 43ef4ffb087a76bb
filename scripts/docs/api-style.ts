/** The look of the page of the API: readable, light or dark, without a script. */
export const API_STYLE = `
:root { color-scheme: light dark; --line: #d0d7de; --dim: #57606a; --code: #f6f8fa; --link: #0969da; }
@media (prefers-color-scheme: dark) { :root { --line: #30363d; --dim: #8b949e; --code: #161b22; --link: #58a6ff; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
a { color: var(--link); }
code, pre { font: 0.875em/1.5 ui-monospace, monospace; background: var(--code); border-radius: 4px; }
code { padding: 0.1em 0.3em; }
pre { padding: 0.75rem; overflow-x: auto; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
details { border: 1px solid var(--line); border-radius: 6px; margin: 0.5rem 0; padding: 0 0.75rem; }
summary { padding: 0.5rem 0; cursor: pointer; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 4.5rem; font: 600 0.875em ui-monospace, monospace; }
summary span, .dim { color: var(--dim); }
dl { margin: 0.25rem 0 0.75rem; }
dd { margin: 0 0 0.25rem 1.25rem; }
dd > dl { border-left: 1px solid var(--line); padding-left: 0.75rem; }
`;
