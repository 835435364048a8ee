# The order of the sources is the layering: a file of the core includes only
# its own header and those of modules listed above it (tests/layers.sh).
noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	%D%/core/usec.h %D%/core/err.h %D%/core/limits.h

CORE_LIBS = libcore.a $(SODIUM_LIBS) $(UTF8PROC_LIBS)
