import type { Shell } from './completion.js';

/** Scripts that set up completion in a shell: it asks `aedsl` for candidates, and completes file names itself. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# Completion of aedsl. In ~/.bashrc: eval "$(aedsl completion bash)"
__aedsl_reply() {
  if type -P aedsl > /dev/null; then command aedsl completion "$@"; else npx --no-install aedsl completion "$@"; fi 2> /dev/null
}

__aedsl_complete() {
  local line=\${COMP_LINE:0:COMP_POINT} candidate value
  local current=\${line##*[[:space:]]}
  # Of a word with = or :, bash replaces what is behind it.
  local kept=\${current%"\${current##*[=:]}"}
  # A file's name may follow = but has the : in it.
  local path=\${current#*=}
  local path_kept=\${path%"\${path##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [ "$candidate" = :files ]; then
      compopt -o filenames 2> /dev/null
      while IFS= read -r value; do
        value=\${value#"$path_kept"}
        case " \${COMPREPLY[*]} " in *" $value "*) ;; *) COMPREPLY+=("$value") ;; esac
      done < <(compgen -f -- "$path")
      continue
    fi
    value=\${candidate%%$'\\t'*}
    case $value in *=) compopt -o nospace 2> /dev/null ;; esac
    COMPREPLY+=("$(printf %q "\${value#"$kept"}")")
  done < <(__aedsl_reply --reply-line -- "$line")
}

complete -F __aedsl_complete aedsl
`,
  zsh: `#compdef aedsl
# Completion of aedsl. In ~/.zshrc, after compinit: eval "$(aedsl completion zsh)"
__aedsl_reply() {
  if whence -p aedsl > /dev/null; then command aedsl completion "$@"; else npx --no-install aedsl completion "$@"; fi 2> /dev/null
}

# Without noglob, zsh takes the brackets of aedsl sweep rho=[0.1,0.2] for a pattern of file names.
# A function for npx: completion looks through an alias, and would complete npx.
whence -p aedsl > /dev/null || function aedsl { npx aedsl "$@" }
alias aedsl='noglob aedsl'

_aedsl() {
  local candidate value text
  local -a values texts open opentexts
  local -i files=0
  for candidate in "\${(@f)$(__aedsl_reply --reply -- "\${(@Q)words[2,CURRENT]}")}"; do
    [[ -z $candidate ]] && continue
    if [[ $candidate == :files ]]; then files=1; continue; fi
    value=\${candidate%%$'\\t'*}
    text=$value
    [[ $candidate == *$'\\t'* ]] && text="$value  -- \${candidate#*$'\\t'}"
    if [[ $value == *= ]]; then open+=("$value"); opentexts+=("$text"); else values+=("$value"); texts+=("$text"); fi
  done
  (( \${#values} )) && compadd -l -d texts -a values
  (( \${#open} )) && compadd -S '' -l -d opentexts -a open
  (( files )) && _files
  return 0
}

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
compdef _aedsl aedsl
`,
  fish: `# Completion of aedsl. In ~/.config/fish/config.fish: aedsl completion fish | source
function __aedsl_reply
    if command -sq aedsl
        command aedsl completion $argv 2> /dev/null
    else
        npx --no-install aedsl completion $argv 2> /dev/null
    end
end

function __aedsl_complete
    set -l typed (commandline -opc)
    set -e typed[1]
    set -l current (commandline -ct)
    for candidate in (__aedsl_reply --reply -- $typed "$current")
        if test "$candidate" = :files
            __fish_complete_path "$current"
        else
            echo $candidate
        end
    end
end

complete -c aedsl -f -a '(__aedsl_complete)'
`,
};
