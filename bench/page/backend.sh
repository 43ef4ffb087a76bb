#!/bin/sh
# An MCP server of one megabyte: a thousand of them fit beside what is measured. Every second ping gets no answer, so that its
# service goes to and fro between two states for ever.
pings=0
while IFS= read -r line; do
  id=${line#*\"id\":}
  id=${id%%[,\}]*}
  case $line in
    *'"method":"initialize"'*)
      result='{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}'
      printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
      ;;
    *'"method":"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[]}}\n' "$id" ;;
    *'"method":"ping"'*)
      pings=$((pings + 1))
      [ $((pings % 2)) -eq 0 ] || printf '{"jsonrpc":"2.0","id":%s,"result":{}}\n' "$id"
      ;;
    *'"id":'*)
      printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"Method not found"}}\n' "$id"
      ;;
  esac
done
