#!/usr/bin/env bash
# Installs what is missing, then checks the format, builds, and runs every test, on Debian or Ubuntu with a .NET 10 SDK.
# Nothing is skipped silently: a part that cannot run has failed.
set -uo pipefail

exec </dev/null
cd -- "$(dirname -- "${BASH_SOURCE[0]}")" || exit 1
readonly Configuration=Release
readonly Results="$PWD/artifacts/test-results"
failures=()

# No telemetry, no greeting, and no build node that outlives this script.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

step() { printf '\n==> %s\n' "$*"; }

die() {
  printf '\ntest.sh: %s\n' "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

node_is_good() {
  command -v npm >/dev/null \
    && node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 18 || (major === 18 && minor >= 17) ? 0 : 1)' 2>/dev/null
}

has_package() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

has_browser() { [ -x /usr/bin/chromium ] && [ -x /usr/bin/chromedriver ]; }

# Debian's module belongs to Debian's interpreter: another python may come first on the PATH.
has_python_client() { /usr/bin/python3 -c 'import websockets' 2>/dev/null; }

install_debian_packages() {
  local missing=()
  has_browser || missing+=(chromium chromium-driver)
  has_python_client || missing+=(python3-websockets)
  [ -x /usr/sbin/nginx ] || missing+=(nginx-light)
  [ -x /usr/bin/tinyproxy ] || missing+=(tinyproxy)
  has_package fonts-noto-cjk || missing+=(fonts-noto-cjk)
  has_package fonts-noto-color-emoji || missing+=(fonts-noto-color-emoji)
  if ! node_is_good; then
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    [ ${#missing[@]} -gt 0 ] || die "node $(node --version) is too old; 18.17 or newer is needed."
  fi

  if [ ${#missing[@]} -eq 0 ]; then
    echo "nothing is missing"
    return
  fi

  echo "missing: ${missing[*]}"
  command -v apt-get >/dev/null || die "there is no apt-get here; install these by hand: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "neither root nor sudo; as root, run: apt-get install ${missing[*]}"
  fi

  # A list that cannot be refreshed may still be good enough; the installation decides.
  as_root apt-get update -q || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" \
    || die "these packages could not be installed: ${missing[*]}"
  has_browser || die "/usr/bin/chromium or /usr/bin/chromedriver is still missing after its installation."
  has_python_client || die "/usr/bin/python3 still cannot import websockets after its installation."
  [ -x /usr/sbin/nginx ] || die "/usr/sbin/nginx is still missing after its installation."
  [ -x /usr/bin/tinyproxy ] || die "/usr/bin/tinyproxy is still missing after its installation."
  node_is_good || die "node 18.17 or newer with npm is still missing after its installation."
}

# From the lock file, and nothing that a package would run.
install_npm_packages() {
  local folder=$1
  local stamp=$folder/node_modules/.installed-from
  if cmp -s "$folder/package-lock.json" "$stamp" && (cd "$folder" && npm ls --all >/dev/null 2>&1); then
    echo "$folder: up to date"
    return
  fi

  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund) || die "npm ci failed in $folder."
  cp "$folder/package-lock.json" "$stamp"
}

# The value of one counter of a result file.
counter() { grep -o '<Counters [^>]*' "$2" | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9'; }

# The failed tests of a result file with what they said, for the end of the output: of a long run, it is what is kept.
tell_failed() {
  awk '
    /<UnitTestResult / { name = / outcome="Failed"/ ? $0 : ""; sub(/.* testName="/, "", name); sub(/" .*/, "", name); if (name != "") print "  " name }
    name != "" && /<Message>/ { message = 1; lines = 0 }
    name != "" && message && lines++ < 20 { line = $0; gsub(/^ *<Message>|<\/Message>.*/, "", line); print "    " line }
    /<\/Message>/ { message = 0 }' "$1" | sed "s/&quot;/\"/g; s/&apos;/'/g; s/&lt;/</g; s/&gt;/>/g; s/&#xD;//g; s/&amp;/\&/g"
}

# A project's tests; a second time under another name where what they run over is another.
run_test_project() {
  local project=$1 suffix=${2:-} filter=${3:-} name result total executed good
  name=$(basename "$project" .csproj)$suffix
  result="$Results/$name.trx"
  if ! find "$(dirname "$project")" -name '*.cs' -not -path '*/obj/*' -not -path '*/bin/*' | grep -q .; then
    echo "$name has no test yet"
    return
  fi

  echo "--- $name"
  dotnet test "$project" -c "$Configuration" --no-build --nologo \
    --results-directory "$Results" --logger "trx;LogFileName=$name.trx" \
    --blame-hang-timeout 10m --blame-hang-dump-type none ${filter:+--filter "$filter"} \
    || failures+=("$name")
  if ! total=$(counter total "$result") || [ -z "$total" ] || [ "$total" -eq 0 ]; then
    failures+=("$name ran no test")
    return
  fi

  executed=$(counter executed "$result")
  good=$(counter passed "$result")
  passed=$((passed + good))
  failed=$((failed + executed - good))
  skipped=$((skipped + total - executed))
}

run_node_tests() {
  local folder=$1 name result total
  name=$(basename "$folder")
  result="$Results/$name.tap"
  echo "--- $name"
  node --test --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$result" "$folder"/*.test.js || {
    failures+=("$name")
    # Of a file whose process died, the reporter above tells neither exit status nor signal.
    sed -n '/^not ok/,/^  \.\.\.$/p' "$result"
  }
  if ! total=$(tap_count tests "$result") || [ -z "$total" ] || [ "$total" -eq 0 ]; then
    failures+=("$name ran no test")
    return
  fi

  passed=$((passed + $(tap_count pass "$result")))
  failed=$((failed + $(tap_count fail "$result") + $(tap_count cancelled "$result")))
  skipped=$((skipped + $(tap_count skipped "$result") + $(tap_count todo "$result")))
}

# One of the counts at the end of a TAP file.
tap_count() { sed -n "s/^# $1 \([0-9]*\)$/\1/p" "$2"; }

SECONDS=0
passed=0 failed=0 skipped=0

step "Looking for the .NET 10 SDK"
command -v dotnet >/dev/null || die "dotnet is missing; install the .NET 10 SDK."
dotnet --version || die "no .NET SDK here fits global.json; install the .NET 10 SDK."

step "Looking for a browser, fonts, and clients, servers and proxies that others wrote"
install_debian_packages

step "Installing what the tests and the mini program take from npm"
install_npm_packages tests
install_npm_packages samples/WepyChat

step "Restoring NuGet packages"
dotnet restore RawSocketChat.sln || die "the restore failed."

step "Building ($Configuration, warnings are errors)"
dotnet build RawSocketChat.sln -c "$Configuration" --no-restore --nologo || die "the build failed."

step "Building the mini program"
node samples/WepyChat/scripts/build.js || die "the mini program's build failed."

step "Checking the format"
if dotnet format RawSocketChat.sln --no-restore --verify-no-changes; then
  echo "well-formed"
else
  failures+=("the format: run dotnet format RawSocketChat.sln")
fi

step "Running every test; the Interop tests also pack the packages and consume them"
rm -rf -- "$Results"
mkdir -p -- "$Results"
for project in tests/*/*.csproj; do
  run_test_project "$project"
done
for room in Server Client Conformance; do
  RAWSOCKETCHAT_TEST_TRANSPORT=portable run_test_project "tests/$room/RawSocketChat.$room.Tests.csproj" -over-the-portable-transport
done

# What lies above the transports, such as compression, is not asked of both.
RAWSOCKETCHAT_TEST_TRANSPORT=portable run_test_project tests/Interop/RawSocketChat.Interop.Tests.csproj -over-the-portable-transport \
  'FullyQualifiedName~A_client_that_others_wrote|FullyQualifiedName~Pings_both_ways|FullyQualifiedName~Broadcasting|FullyQualifiedName~Remote_procedures'
run_node_tests tests/MiniPrograms

[ $((passed + failed)) -gt 0 ] || failures+=("no test ran")
if [ "$skipped" -gt 0 ] && [ "${CI:-}" = true ]; then
  failures+=("$skipped skipped, which CI does not allow")
fi

for result in "$Results"/*.trx; do
  grep -q 'outcome="Failed"' "$result" 2>/dev/null || continue
  step "Failed in $(basename "$result" .trx)"
  tell_failed "$result"
done

step "Done in $((SECONDS / 60)) min $((SECONDS % 60)) s"
for failure in "${failures[@]+"${failures[@]}"}"; do
  echo "FAILED: $failure"
done
echo "$passed passed, $failed failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
[ ${#failures[@]} -eq 0 ] && [ "$failed" -eq 0 ]
