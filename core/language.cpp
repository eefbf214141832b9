#include "core/language.hpp"

#include <algorithm>
#include <array>

namespace dubber {

namespace {

struct language {
  std::string_view two;   ///< ISO 639-1
  std::string_view three; ///< ISO 639-2/T
  std::string_view name;
};

constexpr language languages[]{
  {"aa", "aar", "Afar"},
  {"ab", "abk", "Abkhazian"},
  {"af", "afr", "Afrikaans"},
  {"ak", "aka", "Akan"},
  {"am", "amh", "Amharic"},
  {"an", "arg", "Aragonese"},
  {"ar", "ara", "Arabic"},
  {"as", "asm", "Assamese"},
  {"av", "ava", "Avaric"},
  {"ay", "aym", "Aymara"},
  {"az", "aze", "Azerbaijani"},
  {"ba", "bak", "Bashkir"},
  {"be", "bel", "Belarusian"},
  {"bg", "bul", "Bulgarian"},
  {"bi", "bis", "Bislama"},
  {"bm", "bam", "Bambara"},
  {"bn", "ben", "Bengali"},
  {"bo", "bod", "Tibetan"},
  {"br", "bre", "Breton"},
  {"bs", "bos", "Bosnian"},
  {"ca", "cat", "Catalan"},
  {"ce", "che", "Chechen"},
  {"ch", "cha", "Chamorro"},
  {"co", "cos", "Corsican"},
  {"cs", "ces", "Czech"},
  {"cv", "chv", "Chuvash"},
  {"cy", "cym", "Welsh"},
  {"da", "dan", "Danish"},
  {"de", "deu", "German"},
  {"dv", "div", "Dhivehi"},
  {"dz", "dzo", "Dzongkha"},
  {"ee", "ewe", "Ewe"},
  {"el", "ell", "Greek"},
  {"en", "eng", "English"},
  {"eo", "epo", "Esperanto"},
  {"es", "spa", "Spanish"},
  {"et", "est", "Estonian"},
  {"eu", "eus", "Basque"},
  {"fa", "fas", "Persian"},
  {"ff", "ful", "Fulah"},
  {"fi", "fin", "Finnish"},
  {"fj", "fij", "Fijian"},
  {"fo", "fao", "Faroese"},
  {"fr", "fra", "French"},
  {"fy", "fry", "Western Frisian"},
  {"ga", "gle", "Irish"},
  {"gd", "gla", "Scottish Gaelic"},
  {"gl", "glg", "Galician"},
  {"gn", "grn", "Guarani"},
  {"gu", "guj", "Gujarati"},
  {"gv", "glv", "Manx"},
  {"ha", "hau", "Hausa"},
  {"he", "heb", "Hebrew"},
  {"hi", "hin", "Hindi"},
  {"hr", "hrv", "Croatian"},
  {"ht", "hat", "Haitian"},
  {"hu", "hun", "Hungarian"},
  {"hy", "hye", "Armenian"},
  {"ia", "ina", "Interlingua"},
  {"id", "ind", "Indonesian"},
  {"ig", "ibo", "Igbo"},
  {"is", "isl", "Icelandic"},
  {"it", "ita", "Italian"},
  {"iu", "iku", "Inuktitut"},
  {"ja", "jpn", "Japanese"},
  {"jv", "jav", "Javanese"},
  {"ka", "kat", "Georgian"},
  {"ki", "kik", "Kikuyu"},
  {"kk", "kaz", "Kazakh"},
  {"kl", "kal", "Greenlandic"},
  {"km", "khm", "Khmer"},
  {"kn", "kan", "Kannada"},
  {"ko", "kor", "Korean"},
  {"ks", "kas", "Kashmiri"},
  {"ku", "kur", "Kurdish"},
  {"kw", "cor", "Cornish"},
  {"ky", "kir", "Kyrgyz"},
  {"la", "lat", "Latin"},
  {"lb", "ltz", "Luxembourgish"},
  {"lg", "lug", "Ganda"},
  {"li", "lim", "Limburgish"},
  {"ln", "lin", "Lingala"},
  {"lo", "lao", "Lao"},
  {"lt", "lit", "Lithuanian"},
  {"lv", "lav", "Latvian"},
  {"mg", "mlg", "Malagasy"},
  {"mi", "mri", "Maori"},
  {"mk", "mkd", "Macedonian"},
  {"ml", "mal", "Malayalam"},
  {"mn", "mon", "Mongolian"},
  {"mr", "mar", "Marathi"},
  {"ms", "msa", "Malay"},
  {"mt", "mlt", "Maltese"},
  {"my", "mya", "Burmese"},
  {"nb", "nob", "Norwegian Bokmal"},
  {"ne", "nep", "Nepali"},
  {"nl", "nld", "Dutch"},
  {"nn", "nno", "Norwegian Nynorsk"},
  {"no", "nor", "Norwegian"},
  {"ny", "nya", "Chichewa"},
  {"oc", "oci", "Occitan"},
  {"om", "orm", "Oromo"},
  {"or", "ori", "Odia"},
  {"os", "oss", "Ossetian"},
  {"pa", "pan", "Punjabi"},
  {"pl", "pol", "Polish"},
  {"ps", "pus", "Pashto"},
  {"pt", "por", "Portuguese"},
  {"qu", "que", "Quechua"},
  {"rm", "roh", "Romansh"},
  {"ro", "ron", "Romanian"},
  {"ru", "rus", "Russian"},
  {"rw", "kin", "Kinyarwanda"},
  {"sa", "san", "Sanskrit"},
  {"sc", "srd", "Sardinian"},
  {"sd", "snd", "Sindhi"},
  {"se", "sme", "Northern Sami"},
  {"si", "sin", "Sinhala"},
  {"sk", "slk", "Slovak"},
  {"sl", "slv", "Slovenian"},
  {"sm", "smo", "Samoan"},
  {"sn", "sna", "Shona"},
  {"so", "som", "Somali"},
  {"sq", "sqi", "Albanian"},
  {"sr", "srp", "Serbian"},
  {"st", "sot", "Southern Sotho"},
  {"su", "sun", "Sundanese"},
  {"sv", "swe", "Swedish"},
  {"sw", "swa", "Swahili"},
  {"ta", "tam", "Tamil"},
  {"te", "tel", "Telugu"},
  {"tg", "tgk", "Tajik"},
  {"th", "tha", "Thai"},
  {"ti", "tir", "Tigrinya"},
  {"tk", "tuk", "Turkmen"},
  {"tl", "tgl", "Tagalog"},
  {"tn", "tsn", "Tswana"},
  {"to", "ton", "Tongan"},
  {"tr", "tur", "Turkish"},
  {"ts", "tso", "Tsonga"},
  {"tt", "tat", "Tatar"},
  {"tw", "twi", "Twi"},
  {"ug", "uig", "Uyghur"},
  {"uk", "ukr", "Ukrainian"},
  {"ur", "urd", "Urdu"},
  {"uz", "uzb", "Uzbek"},
  {"vi", "vie", "Vietnamese"},
  {"wa", "wln", "Walloon"},
  {"wo", "wol", "Wolof"},
  {"xh", "xho", "Xhosa"},
  {"yi", "yid", "Yiddish"},
  {"yo", "yor", "Yoruba"},
  {"zh", "zho", "Chinese"},
  {"zu", "zul", "Zulu"},
};

/// The language of the tag's first part; nothing when it is not known.
const language* find(std::string_view tag) {
  std::string first{tag.substr(0, tag.find_first_of("-_"))};
  std::transform(first.begin(), first.end(), first.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  auto found
    = std::find_if(std::begin(languages), std::end(languages),
                   [&](auto& x) { return x.two == first || x.three == first; });
  return found == std::end(languages) ? nullptr : found;
}

} // namespace

std::string iso639_2(std::string_view tag) {
  auto known = find(tag);
  return std::string{known ? known->three : "und"};
}

std::string language_name(std::string_view tag) {
  auto known = find(tag);
  return std::string{known ? known->name : tag};
}

} // namespace dubber
