# The full-screen client: its pure part, and its pictures in golden/. To accept
# what has changed in them: GOP2P_GOLDEN=write make check TESTS=tests/unit/check_views
EXTRA_DIST += %D%/golden

if TUI
TUI_TESTS = %D%/main_job_test.py %D%/typing_test.py \
	%D%/terminal_test.py %D%/around_test.py %D%/wire_test.py \
	%D%/first_run.py
dist_check_SCRIPTS += $(TUI_TESTS)
endif
EXTRA_DIST += %D%/people.py %D%/sshd.py %D%/xterm.py
