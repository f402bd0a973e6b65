# stack.sh - sourced by up, down and cc-ctl: where things lie, who runs them, how they start and stop.
# shellcheck shell=bash
#
# Everything of a running installation lies under $VAR:
#   app/   binaries and static files        env    settings of all processes (shell)
#   pg/ redis-queue/  data                  demo.json  the demo tenant's keys (mode 600)
#   run/   sockets and NAME.pid             log/   NAME.log           build/  the build folder
#   secrets  keys of this installation (mode 600)     seal/  what tenants' credentials are opened with

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PG_BIN=/usr/lib/postgresql/15/bin
USER_NAME=chatconnect
GATEWAY_NAME=chatconnect-gateway # of the same group: it reaches the servers, and no secrets of workers

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "$(basename "$0"): $*"
    exit 1
}

user_make() { # NAME OPTIONS...
    id -u "$1" >/dev/null 2>&1 ||
        useradd --system --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "${@:2}" "$1"
}

# As root everything is run by users of its own, who must be able to reach it.
stack_paths() { # VAR
    VAR=$1
    RUN=() RUN_GATEWAY=()
    mkdir -p "$VAR"
    VAR=$(cd "$VAR" && pwd -P)
    if [ "$(id -u)" -eq 0 ]; then
        user_make $USER_NAME
        user_make $GATEWAY_NAME --gid $USER_NAME
        RUN=(setpriv --reuid="$USER_NAME" --regid="$USER_NAME" --clear-groups --no-new-privs)
        RUN_GATEWAY=(setpriv --reuid="$GATEWAY_NAME" --regid="$USER_NAME" --clear-groups --no-new-privs)
        if ! "${RUN[@]}" test -x "$VAR"; then
            stack_move_out "$VAR"
        fi
    fi
    # a socket's path holds at most 107 bytes
    SOCKETS=$VAR/run
    [ ${#SOCKETS} -le 80 ] || SOCKETS=/tmp/chatconnect-$(id -u)-$(printf '%s' "$VAR" | cksum | cut -d' ' -f1)
}

# The tree lies where only root may go (such as /root): the data goes to /var/lib, a link stays.
stack_move_out() { # VAR
    local elsewhere
    elsewhere=/var/lib/chatconnect-$(printf '%s' "$1" | cksum | cut -d' ' -f1)
    mkdir -p "$elsewhere"
    if ! [ -L "$1" ]; then
        cp -a "$1/." "$elsewhere/"
        rm -rf "$1"
        ln -s "$elsewhere" "$1"
    fi
    VAR=$elsewhere
}

stack_folders() {
    mkdir -p "$VAR"/{app/bin,app/static,run,log,pg,redis-queue,seal,models} "$SOCKETS"
    chmod 755 "$VAR"
    chmod 700 "$VAR/pg" "$VAR/redis-queue" "$VAR/seal"
    [ "$SOCKETS" = "$VAR/run" ] || chmod 750 "$SOCKETS"
    if [ ${#RUN[@]} -gt 0 ]; then
        chown -R $USER_NAME: "$VAR"/{run,log,pg,redis-queue,seal} "$SOCKETS"
    fi
}

# ---- processes: run/NAME.pid says which are ours ----

# The cleared environment of a process is what var/env says.
spawn() { # NAME COMMAND...
    local name=$1 as=("${RUN[@]}")
    shift
    [[ $name != gateway* ]] || as=("${RUN_GATEWAY[@]}")
    : >>"$VAR/log/$name.log"
    (
        cd "$VAR/run"
        exec setsid "${as[@]}" "$@" </dev/null >>"$VAR/log/$name.log" 2>&1 3>&- 9>&-
    ) &
    echo "$! $(begun "$!")" >"$VAR/run/$name.pid"
}

begun() { # PID: when it began, in ticks since boot: a pid alone may be a stranger's by now
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

ours() { # NAME: its pid, if that is still the process we started
    local pid when
    read -r pid when 2>/dev/null <"$VAR/run/$1.pid" && [ -n "$when" ] && [ "$(begun "$pid")" = "$when" ] &&
        echo "$pid"
}

alive() { # NAME
    ours "$1" >/dev/null 2>&1
}

halt() { # NAME SECONDS [SIGNAL]: asks, waits, insists
    local pid
    if pid=$(ours "$1" 2>/dev/null) && kill "-${3:-TERM}" "$pid" 2>/dev/null; then
        timeout "$2" tail --pid="$pid" -f /dev/null || kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$VAR/run/$1.pid"
}

# Names of our processes in the order in which they are to stop.
running() {
    local name
    for name in gateway worker ingest redis-live redis-queue postgres; do
        find "$VAR/run" -maxdepth 1 -name "$name*.pid" -printf '%f\n' 2>/dev/null | sed 's/\.pid$//' | sort
    done
}

# ---- waiting for events, never for time alone ----

until_ok() { # SECONDS WORDS COMMAND...
    local end=$((SECONDS + $1)) words=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt "$end" ] || die "$words did not come up; see $VAR/log"
        read -rt 0.05 <> <(:) || true
    done
}

# ---- the servers ----

postgres_start() {
    alive postgres && return 0
    if ! [ -e "$VAR/pg/PG_VERSION" ]; then
        # the superuser is whoever runs the server; connections come through the socket alone
        "${RUN[@]}" $PG_BIN/initdb -D "$VAR/pg" -U cc_super -A trust --no-instructions \
            -E UTF8 --locale=C.UTF-8 >"$VAR/log/initdb.log" 2>&1 || die "initdb failed; see $VAR/log/initdb.log"
    fi
    spawn postgres $PG_BIN/postgres -D "$VAR/pg" -k "$SOCKETS" -c listen_addresses= \
        -c unix_socket_permissions=0770 -c max_connections=200 -c shared_buffers=64MB \
        -c jit=off -c logging_collector=off -c max_wal_size=2GB
    until_ok 60 PostgreSQL $PG_BIN/pg_isready -q -h "$SOCKETS" -U cc_super -d postgres
}

# Roles, database, vector type: what only the superuser may make.  Without the extension vectors
# are searched by our own exact scan.
postgres_roles() {
    "${RUN[@]}" psql -X -q -h "$SOCKETS" -U cc_super -d postgres -f - \
        <"$ROOT/proto/store/roles.sql" >"$VAR/log/roles.log" 2>&1 || die "roles.sql failed; see $VAR/log/roles.log"
}

redis_start() {
    alive redis-queue || spawn redis-queue redis-server --port 0 --dir "$VAR/redis-queue" \
        --unixsocket "$SOCKETS/redis-queue.sock" --unixsocketperm 770 --daemonize no \
        --appendonly yes --appendfsync always --save '' --maxmemory-policy noeviction
    alive redis-live || spawn redis-live redis-server --port 0 --dir "$VAR/run" \
        --unixsocket "$SOCKETS/redis-live.sock" --unixsocketperm 770 --daemonize no \
        --appendonly no --save '' --maxmemory 512mb --maxmemory-policy volatile-ttl
    local role
    for role in queue live; do
        until_ok 30 "Redis ($role)" "${RUN[@]}" redis-cli -s "$SOCKETS/redis-$role.sock" ping
    done
}
