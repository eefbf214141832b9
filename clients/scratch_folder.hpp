#pragma once

#include <filesystem>
#include <string>

namespace dubber {

/// A folder of one attempt, gone with it. A cancelled attempt may still be
/// ending when the next one begins: no two share a folder or a file's name.
class scratch_folder {
public:
  /// @param root Swept at start. @param label What the folder is for.
  scratch_folder(const std::filesystem::path& root, const std::string& label);
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();

  std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

  const std::filesystem::path& path() const {
    return path_;
  }

private:
  std::filesystem::path path_;
};

/// `label` and a number that this process gives once.
std::string unique_name(const std::string& label);

/// A name that no other process and no other attempt ever gives: for objects
/// that remote workers write (the journal names the winner).
std::string unique_key(const std::string& label);

} // namespace dubber
