# One program per module; cases are TAP lines. See tests/unit/runner.c.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_DRIVER = $(LOG_DRIVER)
TEST_EXTENSIONS = .sh .py
SH_LOG_COMPILER = $(SHELL)
PY_LOG_COMPILER = $(PYTHON)
AM_LOG_DRIVER_FLAGS = --ignore-exit
AM_SH_LOG_DRIVER_FLAGS = --ignore-exit
AM_PY_LOG_DRIVER_FLAGS = --ignore-exit
AM_TESTS_ENVIRONMENT = CK_TAP_LOG_FILE_NAME=- CK_VERBOSITY=silent \
	CK_TIMEOUT_MULTIPLIER=20 \
	srcdir='$(srcdir)' NM='$(NM)' PYTHONDONTWRITEBYTECODE=1; \
	export CK_TAP_LOG_FILE_NAME CK_VERBOSITY CK_TIMEOUT_MULTIPLIER srcdir NM \
	    PYTHONDONTWRITEBYTECODE;

dist_check_SCRIPTS += %D%/layers.sh %D%/purity.sh %D%/style.sh
dist_check_SCRIPTS += %D%/man.sh %D%/completion.sh %D%/systemd.sh
dist_check_SCRIPTS += %D%/bootstrap.sh
EXTRA_DIST += %D%/tap.sh .clang-format

include tests/unit/local.mk
include tests/tui/local.mk
include tests/fuzz/local.mk
include tests/sim/local.mk
include tests/e2e/local.mk
include tests/lab/local.mk
include tests/bench/local.mk
