# servers.bash - starts and stops the private servers of a test; sourced by servers and
# server-restart.  Everything of one run lies in $CC_TEST_DIR; the pid of NAME in NAME.pid.

pg_bin=/usr/lib/postgresql/15/bin

# PostgreSQL refuses to run as root: as root we start servers as somebody without rights.
as_nobody() {
    if [ "$(id -u)" = 0 ]; then
        local who=postgres
        getent passwd postgres >/dev/null || who=nobody
        exec setpriv --reuid="$who" --regid="$(id -g "$who")" --clear-groups "$@"
    else
        exec "$@"
    fi
}

# setsid: an interrupt typed at the terminal is for the tests; we end the servers after them.
spawn() { # NAME COMMAND...
    local name=$1
    shift
    (cd / && as_nobody setsid "$@") >>"$CC_TEST_DIR/$name.log" 2>&1 </dev/null &
    echo $! >"$CC_TEST_DIR/$name.pid"
    disown $! # no words of the shell about its end
}

start_pg() {
    # What one that was killed left: its pid may be a zombie's, or somebody else's by now.
    if ! { [ -f "$CC_TEST_DIR/pg.pid" ] && is_ours "$(<"$CC_TEST_DIR/pg.pid")"; }; then
        rm -f "$CC_TEST_DIR/pg/postmaster.pid" "$CC_TEST_DIR/.s.PGSQL.5432.lock"
    fi
    spawn pg "$pg_bin/postgres" -D "$CC_TEST_DIR/pg" -k "$CC_TEST_DIR" -h ''
}

start_redis() { # redis-queue | redis-live
    spawn "$1" redis-server "$CC_TEST_DIR/$1.conf"
}

start_server() {
    case $1 in
    pg) start_pg ;;
    redis-queue | redis-live) start_redis "$1" ;;
    *) echo "server $1: pg, redis-queue or redis-live" >&2; return 2 ;;
    esac
}

answers() { # NAME: does it serve?
    case $1 in
    pg) "$pg_bin/pg_isready" -q -h "$CC_TEST_DIR" -U cc_app -d chatconnect ;;
    *) [ "$(redis-cli -s "$CC_TEST_DIR/$1.sock" ping 2>/dev/null)" = PONG ] ;;
    esac
}

await_server() { # NAME: until it serves; 1 when it died
    local pid
    pid=$(<"$CC_TEST_DIR/$1.pid")
    until answers "$1"; do
        if ! kill -0 "$pid" 2>/dev/null; then
            echo "server $1 did not start:" >&2
            tail -n 20 "$CC_TEST_DIR/$1.log" >&2
            return 1
        fi
        sleep 0.02
    done
}

await_end() { # PID
    while kill -0 "$1" 2>/dev/null; do
        [ "$(ps -o stat= -p "$1" 2>/dev/null | cut -c1)" = Z ] && return 0
        sleep 0.02
    done
}

# Pids are used again: before a signal we look whether it is still the process we started.
is_ours() { # PID
    grep -qsaF "$CC_TEST_DIR" "/proc/$1/cmdline"
}

# SIGQUIT makes PostgreSQL stop at once, as if it had crashed, and takes its children along.
# A postmaster ended with KILL cannot: so they go first.
stop_server() { # NAME SIGNAL
    local pid children=
    [ -f "$CC_TEST_DIR/$1.pid" ] || return 0
    pid=$(<"$CC_TEST_DIR/$1.pid")
    is_ours "$pid" || return 0
    if [ "$2" = KILL ]; then
        kill -STOP "$pid" 2>/dev/null || true
        children=$(ps -o pid= --ppid "$pid" 2>/dev/null || true)
    fi
    # shellcheck disable=SC2086
    kill "-$2" $children "$pid" 2>/dev/null || true
    for pid in $pid $children; do await_end "$pid"; done
}
