#!/usr/bin/env bash
# Runs the stages of make test, one line each with its time, and counts them.
#
#   build/test.sh            every stage
#   build/test.sh full       every stage, and the longer ones
#   build/test.sh NAME...    the named stages only; A+B runs two beside each other
#
# With RECORD=1 what the run came to is written to docs/test-full.md, to be committed.
# A stage's whole output is kept in build/out/NAME.log and shown when it fails. A failed stage
# does not stop the others, except that a program that was not built cannot be tried.
set -euo pipefail
cd "$(dirname "$0")/.."
# A second opinion that is not installed is a failure here and never a test left out.
export CI=true

tags=sqlite_fts5
tags_desktop=desktop,production,webkit2_41,sqlite_fts5
wine_packages=(./internal/sei ./internal/local ./internal/intake)
tool="go tool -modfile=build/tools.mod"
# With the release build's flags, the checkers and the build share one compilation of everything.
export GOFLAGS="${GOFLAGS:-} -buildvcs=false -trimpath"

stage_gofmt() {
  local unformatted
  unformatted=$(find . -name '*.go' -not -path './frontend/node_modules/*' -not -path './build/cache/*' -print0 | xargs -0 gofmt -l)
  [ -z "$unformatted" ] || { echo "not formatted (make fmt):"; echo "$unformatted"; return 1; }
}

stage_vet() { go vet -tags "$tags_desktop" ./...; }

stage_staticcheck() { $tool staticcheck -tags "$tags_desktop" ./...; }

stage_golangci() {
  GOLANGCI_LINT_CACHE=$PWD/build/cache/golangci $tool golangci-lint run --timeout 10m
}

stage_build() { make --no-print-directory programs; }

stage_bindings() { build/bindings.sh check; }

# The crash tests drive the built programs in a stage of their own.
stage_go() {
  go list -tags "$tags" ./... | grep -v '/app/crash$' | xargs go test -race -tags "$tags" -timeout 600s
}

stage_crash() { ROUNDS=$crash_rounds build/crash.sh; }

# Workstations and a central over a line, clocks and disks that fail, one seed after the other.
stage_sim() {
  build/bin/seirs sim --seeds 200 --counts
  SEIRS_SIM_MUTATIONS=2 go test -tags "$tags" -timeout 600s -run TestEveryMutationIsFound ./app/sim
}

stage_sim_full() {
  build/bin/seirs sim --seeds 2000 --from 1000 --counts
  SEIRS_SIM_MUTATIONS=all go test -tags "$tags" -timeout 3600s -v -run TestEveryMutationIsFound ./app/sim
}

stage_svelte() { (cd frontend && npm run --silent check); }

stage_vitest() { (cd frontend && npm test --silent); }

stage_e2e() { node build/e2e/run.mjs; }

stage_window() { build/window-test.sh; }

stage_windows() {
  # The overlay only changes how a file is deleted; with it this stage and the next share one compilation.
  CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc GOOS=windows GOARCH=amd64 \
    go build -overlay "$(build/wine/overlay.sh)" -tags desktop,production,sqlite_fts5 ./...
}

stage_wine() { build/wine/test.sh "${wine_packages[@]}"; }

# The authorization matrix with every profile; the ordinary run asks for one of each kind.
stage_matrix() {
  SEIRS_MATRIX=full go test -v -tags "$tags" -timeout 600s -run 'Matrix|NobodyLearns|TellsStrangers|WithoutASession' ./internal/central
}

stage_fuzz() { build/fuzz.sh 20s; }

stage_signatures() {
  SEIRS_SIGNATURES=full go test -tags "$tags" -timeout 120m -run 'TestEveryPairOfTheMatrix' -v ./internal/pades
}

stage_installer() { make --no-print-directory windows && build/wine/installer-test.sh; }

crash_rounds=3
lint=(gofmt vet staticcheck golangci)
all=("${lint[@]}" build bindings go sim crash svelte+vitest e2e window windows wine)
case ${1:-} in
  '')   stages=("${all[@]}") ;;
  full) stages=("${all[@]}" sim_full matrix fuzz installer signatures) crash_rounds=60 ;;
  lint) stages=("${lint[@]}") ;;
  *)    stages=("$@") ;;
esac

mkdir -p build/out
built=yes passed=0 failed=() lines=()
began=$SECONDS

# run_stage NAME: one stage into its log; its verdict and seconds into build/out/NAME.result.
run_stage() {
  local stage=$1 log=build/out/$1.log start=$SECONDS code verdict=ok
  if [ "$built" = no ] && [[ $stage == e2e || $stage == window || $stage == crash || $stage == sim* ]]; then
    echo "the programs were not built" >"$log"
    code=1
  else
    # Not inside a condition: there bash would go on after a stage's first failed command.
    set +e
    (set -euo pipefail; "stage_$stage") >"$log" 2>&1 </dev/null
    code=$?
    set -e
  fi
  [ $code -eq 0 ] || verdict=FAILED
  echo "$verdict $((SECONDS - start))" >"build/out/$stage.result"
}

tell_stage() {
  local stage=$1 verdict seconds line
  read -r verdict seconds <"build/out/$stage.result"
  rm -f "build/out/$stage.result"
  printf -v line '%-12s %-6s %4d s' "$stage" "$verdict" "$seconds"
  echo "$line"
  lines+=("$line")
  if [ "$verdict" = ok ]; then
    passed=$((passed + 1))
    return
  fi
  failed+=("$stage")
  [ "$stage" != build ] || built=no
  echo "---- build/out/$stage.log (its last 200 lines)"
  tail -n 200 "build/out/$stage.log"
  echo "----"
}

# record: what the run came to, for docs/test-full.md.
record() {
  echo "# The last run of make test-full that was kept"
  echo
  echo "Written by \`RECORD=1 make test-full\` on $(date -u +%F), $(nproc) processors, $(go env GOVERSION), at commit $(git rev-parse --short HEAD)$(git diff --quiet HEAD 2>/dev/null || echo ' with changes')."
  echo
  printf '    %s\n' "${lines[@]}"
}

trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM

# Stages joined by + run beside each other: each of them keeps one processor busy.
for group in "${stages[@]}"; do
  IFS=+ read -ra together <<<"$group"
  if [ ${#together[@]} -eq 1 ]; then
    run_stage "${together[0]}"
  else
    for stage in "${together[@]}"; do run_stage "$stage" & done
    wait
  fi
  for stage in "${together[@]}"; do tell_stage "$stage"; done
done

total=$(printf '%-12s %-6s %4d s' total '' $((SECONDS - began)))
verdict="$passed passed, ${#failed[@]} failed"
lines+=("$total" "$verdict")
echo "$total"
[ ${#failed[@]} -eq 0 ] || echo "failed: ${failed[*]}"
[ "${RECORD:-}" != 1 ] || record >docs/test-full.md
echo "$verdict"
[ ${#failed[@]} -eq 0 ]
