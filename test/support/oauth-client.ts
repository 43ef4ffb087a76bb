/** What an SDK client needs to log in: a user who says yes at once, in place of a browser. */
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';

const CALLBACK = 'http://127.0.0.1:9/callback';

export class WillingUser implements OAuthClientProvider {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadata: OAuthClientMetadata = {
    redirect_uris: [CALLBACK],
    client_name: 'test',
    token_endpoint_auth_method: 'none',
  };
  /** What the browser came back with. */
  code = '';
  /** Scopes the client asked for, one login after the other. */
  readonly asked: (string | null)[] = [];
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = '';

  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.#client;
  }

  saveClientInformation(client: OAuthClientInformationMixed): void {
    this.#client = client;
  }

  tokens(): OAuthTokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: OAuthTokens): void {
    this.#tokens = tokens;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  async redirectToAuthorization(url: URL): Promise<void> {
    this.asked.push(url.searchParams.get('scope'));
    const response = await fetch(url, { redirect: 'manual' });
    this.code = new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
  }
}
