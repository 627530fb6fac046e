#!/bin/sh
# What `cargo x dist --verify` does in the clean root.
#   install        installs the package, as a person would, and asks both programs for their version
#   run DISPLAY    starts the app; when it was seen: a run works, the package is installed anew and removed
set -eu
export DEBIAN_FRONTEND=noninteractive HOME=/root LANG=C.UTF-8

say() { echo "   $*"; }
fail() { echo "   FAILED: $*" >&2; exit 1; }
# Waits for a condition, three minutes at most: longer than whoever looks at the screen.
until_true() {
  what=$1; shift; tries=1800
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1)); [ $tries -gt 0 ] || fail "$what"
    sleep 0.1
  done
}

case $1 in
install)
  apt-get update -q
  apt-get install -y -q --no-install-recommends /verify/offdesk.deb
  offdesk --version
  offdesk-tray --version
  [ ! -e /root/.config/systemd ] || fail "installing switched something on"
  ;;
run)
  export DISPLAY=$2 DBUS_SESSION_BUS_ADDRESS=unix:path=/verify/bus XDG_RUNTIME_DIR=/verify/run
  export XDG_CURRENT_DESKTOP=LXQt NO_AT_BRIDGE=1 LIBGL_ALWAYS_SOFTWARE=1 OFFDESK_KEYS=file SHELL=/bin/sh
  mkdir -p -m 700 /verify/run /root/work
  offdesk-tray >/verify/app.log 2>&1 &
  app=$!
  until_true "The host did not say whether it saw the app." test -s /verify/seen
  if [ "$(cat /verify/seen)" != yes ]; then
    cat /verify/app.log >&2; fail "the app was not seen"
  fi
  kill -0 $app || fail "the app ended by itself"
  until_true "The app's gateway does not answer: $(cat /verify/app.log)" offdesk ls
  say "The app started its gateway."
  offdesk run --agent demo --dir /root/work --detach "sleep: 300" >/dev/null
  pids() { for exe in /proc/[0-9]*/exe; do
    case $(tr '\0' ' ' <"${exe%/exe}/cmdline" 2>/dev/null) in
      *"$1"*) pid=${exe%/exe}; echo "${pid#/proc/}" ;;
    esac
  done; }
  works() { offdesk ls | grep -q working; }
  until_true "The run does not work." works
  before="$(pids ' serve')/$(pids ' supervise')/$app"
  [ -n "$(pids ' supervise')" ] || fail "no supervisor was found"
  apt-get install -y -q --reinstall --no-install-recommends /verify/offdesk.deb >/verify/apt.log 2>&1 ||
    { cat /verify/apt.log >&2; fail "it could not be installed anew"; }
  kill -0 $app || fail "installing anew ended the app"
  [ "$(pids ' serve')/$(pids ' supervise')/$app" = "$before" ] || fail "installing anew ended a gateway or a run"
  works || fail "the run does not work any more"
  say "Installed anew: app, gateway and run went on ($before)."
  apt-get remove -y -q offdesk >/verify/apt.log 2>&1 || { cat /verify/apt.log >&2; fail "it could not be removed"; }
  [ ! -e /usr/bin/offdesk ] && [ ! -e /usr/bin/offdesk-tray ] || fail "programs are left"
  [ "$(pids ' supervise')" = "$(echo "$before" | cut -d/ -f2)" ] || fail "removing ended the run"
  [ -e /root/.local/share/offdesk ] || fail "removing took the data away"
  say "Removed: the run went on, the data stayed."
  ;;
esac
