# The programs as their users meet them, on loopback.
E2E_TESTS = %D%/gop2pd_test.py
dist_check_SCRIPTS += $(E2E_TESTS)
