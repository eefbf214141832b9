#include "clients/call_key.hpp"

#include "clients/digest.hpp"
#include "core/overload.hpp"

namespace dubber {

namespace {

/// Length before value: no two different lists give the same text.
class material {
public:
  material& add(std::string_view value) {
    text_ += std::to_string(value.size());
    text_ += ':';
    text_ += value;
    return *this;
  }

  material& add(double value) {
    return add(std::to_string(value));
  }

  const std::string& text() const {
    return text_;
  }

private:
  std::string text_;
};

} // namespace

std::string call_key(const work_order& order, const std::string& identity) {
  material m;
  m.add("dubber call key 1").add(to_string(order.kind)).add(identity);
  m.add(std::to_string(order.generation));
  std::visit(
    overload{
      [&](const transcribe_input& x) {
        m.add(x.audio.sha256).add(x.chunk.start).add(x.chunk.end);
      },
      [&](const translate_input& x) {
        m.add(x.text).add(x.source_language).add(x.target_language);
      },
      [&](const speak_input& x) {
        m.add(x.text).add(x.language).add(x.voice).add(x.slot_seconds);
      },
      [&](const auto&) {
        m.add(std::to_string(order.job_no)).add(std::to_string(order.run));
      },
    },
    order.input);
  return sha256_hex(m.text());
}

} // namespace dubber
