#pragma once

#include <string>
#include <string_view>

namespace dubber {

/// ISO 639-2/T code of a language tag (BCP 47): `es`, `pt-BR`, `deu` become
/// `spa`, `por`, `deu`. What MP4 says of a track. `und` for what is not known.
std::string iso639_2(std::string_view tag);

/// The language's English name; the tag itself when it is not known.
std::string language_name(std::string_view tag);

} // namespace dubber
