# Completes the command line of s3net in bash.
_s3net() {
    # Readline ends words at `:` and `=`, of which addresses and `--var` are full:
    # what no blank parts is put together again, up to the cursor.
    local line="${COMP_LINE:0:COMP_POINT}" words=() last=-1 blanks="" piece="" i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        blanks="${line%%[![:space:]]*}"
        line="${line#"$blanks"}"
        piece="${COMP_WORDS[i]}"
        ((i < COMP_CWORD)) || piece="$line"
        line="${line#"$piece"}"
        if ((last >= 0)) && [[ -z $blanks && ($piece == [:=@]* || ${words[last]} == *[:=@]) ]]; then
            words[last]+="$piece"
        else
            words[++last]="$piece"
        fi
    done
    # The program takes words as a command would, and an open quote is no part of one.
    words=("${words[@]//[\"\'\\]/}")
    # Readline has the last of the pieces replaced, and nothing before it.
    local typed="${2//[\"\'\\]/}" answer mark end="'\\''"
    local before="${words[last]%"$typed"}"
    COMPREPLY=()
    while IFS= read -r answer || [[ -n $answer ]]; do
        answer="${answer#"$before"}"
        # A file's name is a name and no command, wherever it is put.
        case "$piece" in
        \'*) answer="${answer//\'/"$end"}" ;;
        \"*)
            for mark in '\' '"' '$' '`'; do
                answer="${answer//"$mark"/"\\$mark"}"
            done
            ;;
        \~/*) printf -v answer '~/%q' "${answer#\~/}" ;;
        *) printf -v answer %q "$answer" ;;
        esac
        COMPREPLY+=("$answer")
    done < <(COMPLETE=bash _CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX="$last" \
        s3net -- "${words[@]}" 2> /dev/null)
    if [[ ${COMPREPLY[0]-} == *[=/:] ]]; then
        compopt -o nospace 2> /dev/null
    fi
}
# Before bash 4.4 it sorts by itself.
complete -o bashdefault -o nosort -F _s3net s3net 2> /dev/null ||
    complete -o bashdefault -F _s3net s3net
