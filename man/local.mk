# Manual pages, in mdoc. tests/man.sh keeps them in step with the programs.
dist_man_MANS += %D%/gop2p.1 %D%/gop2pd.8 %D%/gop2p-protocol.7 \
	%D%/gop2pd.conf.5 %D%/gop2p.conf.5
if TUI
man_MANS = %D%/gop2p-tui.1
endif
EXTRA_DIST += %D%/gop2p-tui.1
