/** Names a shell does not look up on the PATH: npx has `sh` run a package's command by its name. */

/** Built into dash, bash, ksh or busybox, or words of their language. */
const WORDS = new Set(
  [
    '. : [ [[ ]] ! { } alias autoload bg bind break builtin caller case cd chdir command compgen complete compopt continue',
    'coproc declare dirs disown do done echo elif else enable end esac eval exec exit export false fc fg fi float for',
    'function functions getopts hash hist help history if in integer jobs kill let local logout mapfile namespace',
    'newgrp nohup popd print printf pushd pwd read readarray readonly return select set shift shopt sleep source stop',
    'suspend test then time times trap true type typeset ulimit umask unalias unset until wait whence while',
    // busybox may run any of its applets before it looks at the PATH
    'ar ash awk base64 basename busybox bzip2 cat chgrp chmod chown chroot clear cmp cp cpio cut date dd df diff dig',
    'dirname dmesg du env expand expr find fold free ftpget getty grep gunzip gzip head hexdump hostid hostname httpd id',
    'init install ip less link ln logger login logname ls lsof md5sum mkdir mkfifo mknod mktemp more mount mv nc netstat',
    'nice nl nslookup od passwd paste patch pgrep pidof ping pkill ps rdate readlink realpath renice reset rev rm rmdir',
    'route script sed seq setsid sh sha1sum sha256sum sha512sum shuf sort split stat strings stty su sum sync sysctl',
    'syslogd tac tail tar tee telnet tftp timeout top touch tr traceroute tree truncate tty tunctl uname uniq unlink',
    'unzip uptime usleep uuencode vi vlock watch wc wget which who whoami xargs xxd xz yes zcat',
  ].flatMap(line => line.split(' ')),
);

export const isShellWord = (name: string) => WORDS.has(name);
