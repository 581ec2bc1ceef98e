# Completes the command line of s3net in fish.
function __s3net_answers
    # An open quote is no part of the word.
    set -l word (commandline --current-token --cut-at-cursor | string replace --regex '^[\'"]' '' | string unescape)
    COMPLETE=fish s3net -- (commandline --current-process --tokenize --cut-at-cursor) "$word"
end
complete --keep-order --exclusive --command s3net --arguments '(__s3net_answers)'
