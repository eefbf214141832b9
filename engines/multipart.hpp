#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace dubber {

/// What the head of a part says of it (RFC 7578).
struct part_head {
  std::string name;
  std::string file_name; // filename*, else filename; empty: no file
};

/// Reads a multipart/form-data body as it comes in, in pieces of any size.
class multipart_parser {
public:
  using on_part = std::function<bool(const part_head&)>;
  using on_data = std::function<bool(std::string_view)>;

  /// A callback that returns false ends the reading.
  multipart_parser(const std::string& boundary, on_part part, on_data data);

  /// False when the body is malformed or a callback refused.
  bool feed(std::string_view bytes);

  /// Whether the closing boundary was seen; what follows it is ignored.
  bool complete() const {
    return state_ == state::done;
  }

private:
  // preamble --boundary--> after --CRLF--> head --empty line--> body
  //    body --boundary--> after --"--"--> done
  enum class state { preamble, after, head, body, done };

  bool step();
  bool take_boundary();
  bool read_head();
  bool read_content(bool wanted);

  std::string delimiter_;
  on_part part_;
  on_data data_;
  std::string held_;
  state state_ = state::preamble;
};

/// The boundary that a Content-Type names, or nothing: it is then no form, or
/// the boundary is not 1 to 70 characters long.
std::string multipart_boundary(std::string_view content_type);

/// The lines of a part's head.
part_head parse_part_head(std::string_view lines);

} // namespace dubber
