#compdef s3net
# Completes the command line of s3net in zsh.
_s3net() {
    # Words as a command would get them, without their quotes, up to the cursor.
    local -a line=("${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}")
    local -a answers=("${(@f)$(COMPLETE=zsh _CLAP_IFS=$'\n' \
        _CLAP_COMPLETE_INDEX=$((CURRENT - 1)) s3net -- "${line[@]}" 2>/dev/null)}")
    local -a folders=() others=()
    local answer value
    for answer in $answers; do
        # A colon of the value has a backslash before it; one alone begins its help.
        value="${${answer//\\:/}%%:*}"
        if [[ $value == */ ]]; then
            folders+=("$answer")
        else
            others+=("$answer")
        fi
    done
    (( $#folders )) && _describe -V values folders -S ''
    (( $#others )) && _describe -V values others
}
# It is read by `source`, or found in a folder of `fpath` at the first TAB.
if [[ $funcstack[1] == _s3net ]]; then
    _s3net "$@"
else
    compdef _s3net s3net
fi
