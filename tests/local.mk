# One program per module; cases are TAP lines. See tests/unit/runner.c.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(SHELL)
AM_LOG_DRIVER_FLAGS = --ignore-exit
AM_SH_LOG_DRIVER_FLAGS = --ignore-exit
AM_TESTS_ENVIRONMENT = CK_TAP_LOG_FILE_NAME=- CK_VERBOSITY=silent \
	srcdir='$(srcdir)' NM='$(NM)'; \
	export CK_TAP_LOG_FILE_NAME CK_VERBOSITY srcdir NM;

include tests/unit/local.mk
