#include "engines/engine.hpp"

namespace dubber {

std::unique_ptr<engine> make_engine(const engine_options& options) {
  std::filesystem::create_directories(options.data);
  if (options.mode == "asr")
    return make_asr(options);
  if (options.mode == "translate")
    return make_translate(options);
  if (options.mode == "tts")
    return make_tts(options);
  return make_gateway(options);
}

} // namespace dubber
