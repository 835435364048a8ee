# What Tab can mean behind gop2p(1), in bash.
_gop2p() {
	local cur=$2 data=${XDG_DATA_HOME:-$HOME/.local/share}/gop2p words

	COMPREPLY=()
	case $3 in
	-s | --server)
		words=$(sed -n 's/^\([^# ][^ ]*\) .*/\1/p' \
			"$data/known_servers" 2>/dev/null) ;;
	--profile)
		words=$(ls "$data/profiles" 2>/dev/null) ;;
	--config)
		compopt -o default
		return ;;
	-n | --name | -p | --port | --linger)
		return ;;
	*)
		words='--server --port --name --profile --config --json
			--linger --no-relay --lan --hidden
			--no-port-mapping --no-presence --verbose --help
			--version netcheck all help' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _gop2p gop2p
