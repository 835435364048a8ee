# The programs as their users meet them, on loopback.
E2E_TESTS = %D%/gop2pd_test.py %D%/gop2p_test.py %D%/script_test.py \
	%D%/man_examples_test.py
dist_check_SCRIPTS += $(E2E_TESTS)
EXTRA_DIST += %D%/loopback.py %D%/terminal.py
