# The full-screen client: its pure part, and its pictures in golden/. To accept
# what has changed in them: GOP2P_GOLDEN=write make check TESTS=tests/unit/check_views
EXTRA_DIST += %D%/golden
