# The unit of gop2pd; installed where --with-systemdsystemunitdir says.
EXTRA_DIST += %D%/gop2pd.service.in
noinst_DATA += %D%/gop2pd.service
CLEANFILES += %D%/gop2pd.service
if SYSTEMD_UNIT
systemdsystemunit_DATA = %D%/gop2pd.service
endif

%D%/gop2pd.service: %D%/gop2pd.service.in Makefile
	$(AM_V_GEN)mkdir -p %D% && sed 's,@bindir[@],$(bindir),' \
		$(srcdir)/%D%/gop2pd.service.in >$@
