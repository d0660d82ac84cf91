/** The scripts that connect a shell's completion with `stepwell __complete`. */

/** The shells that completion is made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** What the shell runs when it starts. */
export const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  // A word that ends with = wants its value behind it. Names may hold spaces.
  bash: `# Add to ~/.bashrc: eval "$(stepwell completion bash)"
_stepwell() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$(printf '%q' "$word")")
  done < <(stepwell __complete bash "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _stepwell stepwell
`,
  zsh: `#compdef stepwell
# Add to ~/.zshrc, after compinit: eval "$(stepwell completion zsh)"
_stepwell() {
  local -a found open
  found=("\${(@f)$(stepwell __complete zsh "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)found:#}")
  open=("\${(@M)found:#*=}")
  found=("\${(@)found:#*=}")
  if (( \${#open} + \${#found} == 0 )); then
    _files
    return
  fi
  (( \${#open} )) && compadd -S '' -a open
  (( \${#found} )) && compadd -a found
  return 0
}
compdef _stepwell stepwell
`,
  fish: `# Add to ~/.config/fish/config.fish: stepwell completion fish | source
function __stepwell_complete
  set -l words (commandline -opc)
  set -l last (commandline -ct)
  stepwell __complete fish $words[2..-1] "$last" 2>/dev/null
end
complete -c stepwell -e
complete -c stepwell -f -a '(__stepwell_complete)'
`,
};
