# What Tab can mean behind the names of the programs; tests/completion.sh keeps
# it in step with their --help. Where it goes: --with-bash-completion-dir and
# the like. Shells look for a file by the name of the program.
EXTRA_DIST += %D%/gop2p.bash %D%/gop2p-tui.bash %D%/gop2pd.bash \
	%D%/gop2p.fish %D%/gop2p-tui.fish %D%/gop2pd.fish %D%/_gop2p
if BASH_COMPLETION
bashcompletion_DATA = %D%/gop2p.bash %D%/gop2pd.bash
if TUI
bashcompletion_DATA += %D%/gop2p-tui.bash
endif
endif
if FISH_COMPLETION
fishcompletion_DATA = %D%/gop2p.fish %D%/gop2pd.fish
if TUI
fishcompletion_DATA += %D%/gop2p-tui.fish
endif
endif
if ZSH_COMPLETION
zshcompletion_DATA = %D%/_gop2p
endif
