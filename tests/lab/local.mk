# The real programs on a real network: network namespaces behind kernel NATs.
# Not part of `check`, which needs neither root nor network: `make lab`.
LAB_TESTS = %D%/world_test.py %D%/programs_test.py
EXTRA_DIST += $(LAB_TESTS) %D%/demo.py %D%/drive.py %D%/tap.py \
	%D%/world.py

.PHONY: lab
lab: all
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(LAB_TESTS)'
