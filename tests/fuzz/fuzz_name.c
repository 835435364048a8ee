/* Names: what is accepted is accepted again, unchanged, clean and itself. */
#include "fuzz.h"

#include "name.h"
#include "text.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[NAME_SIZE], again[NAME_SIZE], clean[8 * NAME_SIZE];
	char fold[NAME_FOLD_SIZE], any[256];
	enum name_fault fault = name_check(data, size, name);

	assert(name_fault_text(fault) != NULL);
	if (size < sizeof any) {
		memcpy(any, data, size);
		any[size] = '\0';
		assert(name_fold(any, fold) < sizeof fold);
	}
	if (fault != NAME_OK)
		return 0;
	assert(name_check(name, strlen(name), again) == NAME_OK);
	assert(strcmp(name, again) == 0);
	text_clean_line(name, strlen(name), clean, sizeof clean);
	assert(strcmp(name, clean) == 0);
	assert(name_same(name, again));
	assert(text_is_utf8(fold, name_fold(name, fold)));
	return 0;
}
