# What Tab can mean behind gop2p-tui(1), in bash.
_gop2p_tui() {
	local cur=$2 data=${XDG_DATA_HOME:-$HOME/.local/share}/gop2p words

	COMPREPLY=()
	case $3 in
	-s | --server)
		words=$(sed -n 's/^\([^# ][^ ]*\) .*/\1/p' \
			"$data/known_servers" 2>/dev/null) ;;
	--profile)
		words=$(ls "$data/profiles" 2>/dev/null) ;;
	--theme)
		words='auto dark light mono contrast' ;;
	--notify)
		words='off bell osc9 osc777' ;;
	--config)
		compopt -o default
		return ;;
	-n | --name | -p | --port)
		return ;;
	*)
		words='--server --port --name --profile --config --theme
			--notify --no-list --no-clock --no-relay --lan
			--hidden --no-port-mapping --no-presence --verbose --help
			--version' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _gop2p_tui gop2p-tui
