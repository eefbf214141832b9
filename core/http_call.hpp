#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The call of an `http` stage as its pipeline's definition describes it
/// (docs/pipelines.md).
namespace dubber {

/// Text with holes, each filled with what a JSON Pointer (RFC 6901) points at
/// in the job's document: piece, hole, piece, … piece.
struct text_template {
  std::vector<std::string> pieces = {""}; ///< one more than there are holes
  std::vector<std::string> pointers = {};

  bool operator==(const text_template&) const = default;
};

/// The one text that stands for a stored file: the job's source.
inline constexpr const char* source_pointer = "/job/source_object_key";

/// A stored file, sent as the only part of a multipart/form-data body.
struct upload_part {
  std::string pointer; ///< to an artifact
  std::string field = "file";
  std::string filename = "file";
  std::string content_type = "application/octet-stream";

  bool operator==(const upload_part&) const = default;
};

enum class answer_kind {
  json, ///< kept in the journal
  file, ///< kept as an artifact
  none, ///< not looked at
};

/// A longer JSON answer is refused: it goes to the journal.
inline constexpr std::uint64_t max_json_answer = 1 << 20;
inline constexpr std::uint64_t max_file_answer = 5ull << 30;

struct http_call {
  std::string method = "POST";
  text_template path; ///< beneath the service's URL; begins with '/'
  std::vector<std::pair<std::string, text_template>> headers = {};
  std::optional<text_template> body = {}; ///< JSON; its holes are JSON values
  std::optional<upload_part> upload = {}; ///< instead of `body`
  answer_kind answer = answer_kind::json;
  std::string text = {};         ///< pointer into the answer; may be empty
  std::string content_type = {}; ///< that the file must have; empty: any
  std::uint64_t max_bytes = max_json_answer; ///< of the answer
  bool cache = true;                         ///< other jobs may use the result
  /// Stages that its pointers point into.
  std::vector<std::string> refers_to = {};

  bool operator==(const http_call&) const = default;
};

/// All pointers of the call into the job's document.
std::vector<std::string> pointers_of(const http_call& call);

/// The parts of a pointer, unescaped: `/stages/x/a~1b` is `stages`, `x`, `a/b`.
/// Nothing where it is not one.
std::optional<std::vector<std::string>> pointer_parts(std::string_view text);

} // namespace dubber
