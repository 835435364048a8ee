#include "script.h"

#include <stddef.h>

static const struct range {
	uint32_t first, last;
	enum script script;
} ranges[] = {
	{ 0x0000, 0x0040, SCRIPT_COMMON },
	{ 0x0041, 0x02b8, SCRIPT_LATIN },
	{ 0x02b9, 0x02df, SCRIPT_COMMON },
	{ 0x02e0, 0x02e4, SCRIPT_LATIN },
	{ 0x02e5, 0x036f, SCRIPT_COMMON },
	{ 0x0370, 0x03ff, SCRIPT_GREEK },
	{ 0x0400, 0x052f, SCRIPT_CYRILLIC },
	{ 0x0530, 0x058f, SCRIPT_ARMENIAN },
	{ 0x0590, 0x05ff, SCRIPT_HEBREW },
	{ 0x0600, 0x06ff, SCRIPT_ARABIC },
	{ 0x0750, 0x077f, SCRIPT_ARABIC },
	{ 0x0780, 0x07bf, SCRIPT_THAANA },
	{ 0x0870, 0x08ff, SCRIPT_ARABIC },
	{ 0x0900, 0x0950, SCRIPT_DEVANAGARI },
	{ 0x0951, 0x0954, SCRIPT_COMMON },
	{ 0x0955, 0x097f, SCRIPT_DEVANAGARI },
	{ 0x0980, 0x09ff, SCRIPT_BENGALI },
	{ 0x0a00, 0x0a7f, SCRIPT_GURMUKHI },
	{ 0x0a80, 0x0aff, SCRIPT_GUJARATI },
	{ 0x0b00, 0x0b7f, SCRIPT_ORIYA },
	{ 0x0b80, 0x0bff, SCRIPT_TAMIL },
	{ 0x0c00, 0x0c7f, SCRIPT_TELUGU },
	{ 0x0c80, 0x0cff, SCRIPT_KANNADA },
	{ 0x0d00, 0x0d7f, SCRIPT_MALAYALAM },
	{ 0x0d80, 0x0dff, SCRIPT_SINHALA },
	{ 0x0e00, 0x0e7f, SCRIPT_THAI },
	{ 0x0e80, 0x0eff, SCRIPT_LAO },
	{ 0x0f00, 0x0fff, SCRIPT_TIBETAN },
	{ 0x1000, 0x109f, SCRIPT_MYANMAR },
	{ 0x10a0, 0x10ff, SCRIPT_GEORGIAN },
	{ 0x1100, 0x11ff, SCRIPT_HANGUL },
	{ 0x1200, 0x139f, SCRIPT_ETHIOPIC },
	{ 0x1780, 0x17ff, SCRIPT_KHMER },
	{ 0x19e0, 0x19ff, SCRIPT_KHMER },
	{ 0x1ab0, 0x1aff, SCRIPT_COMMON },
	{ 0x1c80, 0x1c8f, SCRIPT_CYRILLIC },
	{ 0x1c90, 0x1cbf, SCRIPT_GEORGIAN },
	{ 0x1cd0, 0x1cff, SCRIPT_COMMON },
	{ 0x1d00, 0x1d25, SCRIPT_LATIN },
	{ 0x1d26, 0x1d2a, SCRIPT_GREEK },
	{ 0x1d2b, 0x1d2b, SCRIPT_CYRILLIC },
	{ 0x1d2c, 0x1d5c, SCRIPT_LATIN },
	{ 0x1d5d, 0x1d61, SCRIPT_GREEK },
	{ 0x1d62, 0x1d65, SCRIPT_LATIN },
	{ 0x1d66, 0x1d6a, SCRIPT_GREEK },
	{ 0x1d6b, 0x1d77, SCRIPT_LATIN },
	{ 0x1d78, 0x1d78, SCRIPT_CYRILLIC },
	{ 0x1d79, 0x1dbe, SCRIPT_LATIN },
	{ 0x1dbf, 0x1dbf, SCRIPT_GREEK },
	{ 0x1dc0, 0x1dff, SCRIPT_COMMON },
	{ 0x1e00, 0x1eff, SCRIPT_LATIN },
	{ 0x1f00, 0x1fff, SCRIPT_GREEK },
	{ 0x2000, 0x2070, SCRIPT_COMMON },
	{ 0x2071, 0x2071, SCRIPT_LATIN },
	{ 0x2072, 0x207e, SCRIPT_COMMON },
	{ 0x207f, 0x207f, SCRIPT_LATIN },
	{ 0x2080, 0x208f, SCRIPT_COMMON },
	{ 0x2090, 0x209f, SCRIPT_LATIN },
	{ 0x20a0, 0x20ff, SCRIPT_COMMON },
	/* Letter-like symbols and numbers look like Latin. */
	{ 0x2100, 0x218f, SCRIPT_LATIN },
	{ 0x2190, 0x2bff, SCRIPT_COMMON },
	{ 0x2c60, 0x2c7f, SCRIPT_LATIN },
	{ 0x2d00, 0x2d2f, SCRIPT_GEORGIAN },
	{ 0x2d80, 0x2ddf, SCRIPT_ETHIOPIC },
	{ 0x2de0, 0x2dff, SCRIPT_CYRILLIC },
	{ 0x2e00, 0x2e7f, SCRIPT_COMMON },
	{ 0x2e80, 0x2fdf, SCRIPT_HAN },
	{ 0x2fe0, 0x3004, SCRIPT_COMMON },
	{ 0x3005, 0x3007, SCRIPT_HAN },
	{ 0x3008, 0x3020, SCRIPT_COMMON },
	{ 0x3021, 0x3029, SCRIPT_HAN },
	{ 0x302a, 0x302d, SCRIPT_COMMON },
	{ 0x302e, 0x302f, SCRIPT_HANGUL },
	{ 0x3030, 0x3030, SCRIPT_COMMON },
	{ 0x3031, 0x3035, SCRIPT_HIRAGANA },
	{ 0x3036, 0x3037, SCRIPT_COMMON },
	{ 0x3038, 0x303b, SCRIPT_HAN },
	{ 0x303c, 0x3040, SCRIPT_COMMON },
	{ 0x3041, 0x309f, SCRIPT_HIRAGANA },
	{ 0x30a0, 0x30ff, SCRIPT_KATAKANA },
	{ 0x3100, 0x312f, SCRIPT_BOPOMOFO },
	{ 0x3130, 0x318f, SCRIPT_HANGUL },
	{ 0x3190, 0x319f, SCRIPT_COMMON },
	{ 0x31a0, 0x31bf, SCRIPT_BOPOMOFO },
	{ 0x31c0, 0x31ef, SCRIPT_COMMON },
	{ 0x31f0, 0x31ff, SCRIPT_KATAKANA },
	{ 0x3200, 0x33ff, SCRIPT_COMMON },
	{ 0x3400, 0x4dbf, SCRIPT_HAN },
	{ 0x4dc0, 0x4dff, SCRIPT_COMMON },
	{ 0x4e00, 0x9fff, SCRIPT_HAN },
	{ 0xa640, 0xa69f, SCRIPT_CYRILLIC },
	{ 0xa700, 0xa721, SCRIPT_COMMON },
	{ 0xa722, 0xa7ff, SCRIPT_LATIN },
	{ 0xa830, 0xa83f, SCRIPT_COMMON },
	{ 0xa8e0, 0xa8ff, SCRIPT_DEVANAGARI },
	{ 0xa960, 0xa97f, SCRIPT_HANGUL },
	{ 0xa9e0, 0xa9ff, SCRIPT_MYANMAR },
	{ 0xaa60, 0xaa7f, SCRIPT_MYANMAR },
	{ 0xab00, 0xab2f, SCRIPT_ETHIOPIC },
	{ 0xab30, 0xab64, SCRIPT_LATIN },
	{ 0xab65, 0xab65, SCRIPT_GREEK },
	{ 0xab66, 0xab6f, SCRIPT_LATIN },
	{ 0xac00, 0xd7ff, SCRIPT_HANGUL },
	{ 0xf900, 0xfaff, SCRIPT_HAN },
	{ 0xfb00, 0xfb12, SCRIPT_LATIN },
	{ 0xfb13, 0xfb1c, SCRIPT_ARMENIAN },
	{ 0xfb1d, 0xfb4f, SCRIPT_HEBREW },
	{ 0xfb50, 0xfdff, SCRIPT_ARABIC },
	{ 0xfe00, 0xfe2d, SCRIPT_COMMON },
	{ 0xfe2e, 0xfe2f, SCRIPT_CYRILLIC },
	{ 0xfe30, 0xfe6f, SCRIPT_COMMON },
	{ 0xfe70, 0xfeff, SCRIPT_ARABIC },
	{ 0xff00, 0xff20, SCRIPT_COMMON },
	{ 0xff21, 0xff5a, SCRIPT_LATIN },
	{ 0xff5b, 0xff65, SCRIPT_COMMON },
	{ 0xff66, 0xff9f, SCRIPT_KATAKANA },
	{ 0xffa0, 0xffdf, SCRIPT_HANGUL },
	{ 0xffe0, 0xffff, SCRIPT_COMMON },
	{ 0x10780, 0x107bf, SCRIPT_LATIN },
	{ 0x10ec0, 0x10eff, SCRIPT_ARABIC },
	{ 0x11b00, 0x11b5f, SCRIPT_DEVANAGARI },
	{ 0x16ff0, 0x16ff1, SCRIPT_HAN },
	{ 0x1aff0, 0x1b000, SCRIPT_KATAKANA },
	{ 0x1b001, 0x1b11f, SCRIPT_HIRAGANA },
	{ 0x1b120, 0x1b122, SCRIPT_KATAKANA },
	{ 0x1b130, 0x1b152, SCRIPT_HIRAGANA },
	{ 0x1b153, 0x1b16f, SCRIPT_KATAKANA },
	{ 0x1d100, 0x1d1ff, SCRIPT_COMMON },
	{ 0x1d400, 0x1d6a7, SCRIPT_LATIN },
	{ 0x1d6a8, 0x1d7cb, SCRIPT_GREEK },
	{ 0x1d7cc, 0x1d7ff, SCRIPT_COMMON },
	{ 0x1df00, 0x1dfff, SCRIPT_LATIN },
	{ 0x1e030, 0x1e08f, SCRIPT_CYRILLIC },
	{ 0x1e7e0, 0x1e7ff, SCRIPT_ETHIOPIC },
	{ 0x1ee00, 0x1eeff, SCRIPT_ARABIC },
	{ 0x1f000, 0x1fbff, SCRIPT_COMMON },
	{ 0x20000, 0x3ffff, SCRIPT_HAN },
	{ 0xe0000, 0xe0fff, SCRIPT_COMMON },
};

enum script
script_of(uint32_t cp)
{
	size_t low = 0, high = sizeof ranges / sizeof *ranges;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (cp > ranges[mid].last)
			low = mid + 1;
		else if (cp < ranges[mid].first)
			high = mid;
		else
			return ranges[mid].script;
	}
	return SCRIPT_OTHER;
}

bool
script_may_mix(uint32_t set)
{
	static const uint32_t allowed[] = {
		1u << SCRIPT_LATIN | 1u << SCRIPT_HAN | 1u << SCRIPT_HIRAGANA |
		    1u << SCRIPT_KATAKANA,
		1u << SCRIPT_LATIN | 1u << SCRIPT_HAN | 1u << SCRIPT_HANGUL,
		1u << SCRIPT_LATIN | 1u << SCRIPT_HAN | 1u << SCRIPT_BOPOMOFO,
	};

	set &= ~(1u << SCRIPT_COMMON);
	if ((set & (set - 1)) == 0)
		return true;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		if ((set & ~allowed[i]) == 0)
			return true;
	return false;
}
