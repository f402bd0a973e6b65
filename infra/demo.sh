# demo.sh - sourced by up: the demo tenant, its documents, one question in the terminal.
# shellcheck shell=bash disable=SC2154

demo() { # MEMBER of demo.json
    jq -r ".$1 // empty" "$VAR/demo.json"
}

# Keys are shown once by cc-ctl: they are kept in demo.json, which only the owner reads.
demo_tenant() {
    url=http://127.0.0.1:$port
    if ! [ -s "$VAR/demo.json" ]; then
        local tenant bot
        tenant=$(ctl tenant add Demo --tier "$tier" --json | jq -r .tenantId)
        bot=$(ctl bot add "$tenant" "Demo assistant" --origin '*' --server-use --json | jq -r .botId)
        (
            umask 077
            jq -n --arg tenant "$tenant" --arg bot "$bot" \
                --arg pk "$(ctl key add "$tenant" --public --bot "$bot" --json | jq -r .key)" \
                --arg sk "$(ctl key add "$tenant" --secret --json | jq -r .key)" \
                '{tenantId: $tenant, botId: $bot, publicKey: $pk, secretKey: $sk, documents: []}' >"$VAR/demo.json"
        )
    fi
    if [ -n "$model" ]; then
        ctl bot set "$(demo tenantId)" "$(demo botId)" --model "$model" >&2
    fi
    # the key goes to curl through a file: arguments can be read by everybody on the machine
    (umask 077 && printf 'header = "authorization: Bearer %s"\n' "$(demo secretKey)" >"$VAR/run/secret.curl")
    (umask 077 && printf 'header = "x-api-key: %s"\n' "$(demo publicKey)" >"$VAR/run/public.curl")
}

# The demo tenant's owner: he chooses his password with a token, as everybody whom an operator makes.
demo_owner() {
    [ -z "$(demo ownerPassword)" ] || return 0
    local password token
    password=$(random_hex 10)
    token=$(ctl user add "$(demo tenantId)" owner@demo.example --role owner --json | jq -r '.token // empty')
    [ -n "$token" ] || token=$(ctl user reset owner@demo.example --json | jq -r .token)
    jq -n --arg t "$token" --arg p "$password" '{token: $t, password: $p}' |
        curl -fsS -o /dev/null -H 'content-type: application/json' --data-binary @- "$url/api/auth/password/reset"
    jq --arg p "$password" '. + {ownerEmail: "owner@demo.example", ownerPassword: $p}' "$VAR/demo.json" >"$VAR/demo.json.new"
    chmod 600 "$VAR/demo.json.new"
    mv "$VAR/demo.json.new" "$VAR/demo.json"
}

# One file up, and followed until it is ready or has failed.
demo_take_in() { # FILE
    local answer id status
    answer=$(curl -sS -K "$VAR/run/secret.curl" -F "file=@\"$1\"" "$url/process-document")
    id=$(jq -r '(if type == "array" then .[0] else . end).id // empty' <<<"$answer")
    [ -n "$id" ] || die "$(basename "$1") was refused: $(jq -r '.detail // .' <<<"$answer")"
    while :; do
        status=$(curl -sS -K "$VAR/run/secret.curl" "$url/api/widget/documents/$id/status")
        case $(jq -r .status <<<"$status") in
        ready)
            say "  $(basename "$1"): ready, $(jq -r .chunksTotal <<<"$status") passages"
            return 0
            ;;
        failed | no_text | encrypted | dead)
            say "  $(basename "$1"): $(jq -r '"\(.status): \(.error // "")"' <<<"$status")"
            return 1
            ;;
        esac
        all_alive
        read -rt 0.1 <> <(:) || true
    done
}

# The samples once; the caller's files each time they are new.
demo_documents() { # FILE...
    local file sum failed=0
    if [ $# -eq 0 ]; then
        set -- "$ROOT"/docs/sample/*.{md,txt,pdf}
    fi
    for file in "$@"; do
        [ -e "$file" ] || continue
        sum=$(sha256sum "$file" | cut -d' ' -f1)
        if jq -e --arg s "$sum" '.documents | index($s)' "$VAR/demo.json" >/dev/null; then
            continue
        fi
        if demo_take_in "$file"; then
            jq --arg s "$sum" '.documents += [$s]' "$VAR/demo.json" >"$VAR/demo.json.new"
            chmod 600 "$VAR/demo.json.new"
            mv "$VAR/demo.json.new" "$VAR/demo.json"
        else
            failed=1
        fi
    done
    [ $failed = 0 ] || die "not every file could be taken in"
}

demo_question() {
    if [ ${#files[@]} -eq 0 ]; then
        sed -n 's/^question: //p' "$ROOT/docs/sample/README" | head -n 1
    elif [ -t 0 ] && ! $json; then
        local line
        read -rp "Your question about $(basename "${files[0]}"): " line
        printf '%s\n' "$line"
    else
        basename "${files[0]}" | sed 's/\.[^.]*$//; s/[_-]/ /g; s/^/What does this document say: /; s/$/?/'
    fi
}

# The answer as it streams, then where it comes from.
demo_ask() { # QUESTION or ""
    local q=${1:-$(demo_question)}
    printf '\n> %s\n\n' "$q"
    jq -n --arg m "$q" '{message: $m}' |
        curl -sSN -K "$VAR/run/public.curl" -H 'content-type: application/json' --data-binary @- \
            "$url/api/widget/chat/stream" | "$ROOT/infra/sse-print"
    printf '\n'
}

demo_summary() {
    cat <<EOF
demo page:  $url/demo?key=$(demo publicKey)
chat page:  $url/chat/$(demo botId)
public key: $(demo publicKey)
secret key: $(demo secretKey)
back office: $url/docs, as $(demo ownerEmail) with the password $(demo ownerPassword)
embed with: <script src="$url/widget.js" data-api-key="$(demo publicKey)"></script>
stop with:  infra/down$([ "$var" = "$ROOT/var" ] || printf " --var %q" "$var")
EOF
}

demo_json() {
    jq -c --arg url "$url" '{url: $url, publicKey, secretKey, tenantId, botId}' "$VAR/demo.json"
}
