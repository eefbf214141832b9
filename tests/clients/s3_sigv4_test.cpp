#include "clients/s3/answers.hpp"
#include "clients/s3/sigv4.hpp"
#include "tests/support/catch.hpp"

using namespace dubber;

namespace {

constexpr const char* no_body
  = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

dubber::time_point at(int year, unsigned month, unsigned day, int hour = 0,
                      int minute = 0) {
  using namespace std::chrono;
  return dubber::time_point{sys_days{std::chrono::year{year} / month / day}}
         + hours{hour} + minutes{minute};
}

/// Of the public test suite for Signature Version 4.
const sigv4::credentials suite{"AKIDEXAMPLE",
                               "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                               "us-east-1", "service"};
const auto suite_time = at(2015, 8, 30, 12, 36);

std::string suite_signature(sigv4::request what) {
  what.headers.emplace_back("Host", "example.amazonaws.com");
  what.headers.emplace_back("X-Amz-Date", sigv4::date_text(suite_time));
  auto text = sigv4::authorization(what, suite, suite_time);
  return text.substr(text.find("Signature=") + 10);
}

/// Of the examples in the S3 documentation ("Authenticating Requests").
const sigv4::credentials example{"AKIAIOSFODNN7EXAMPLE",
                                 "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                 "us-east-1", "s3"};
const auto s3_time = at(2013, 5, 24);

sigv4::request s3_request(std::string method, std::string path,
                          sigv4::fields query, sigv4::fields headers,
                          std::string payload = no_body) {
  headers.emplace_back("Host", "examplebucket.s3.amazonaws.com");
  headers.emplace_back("x-amz-content-sha256", payload);
  headers.emplace_back("x-amz-date", "20130524T000000Z");
  return {std::move(method), std::move(path), std::move(query),
          std::move(headers), std::move(payload)};
}

std::string s3_signature(const sigv4::request& what) {
  auto text = sigv4::authorization(what, example, s3_time);
  return text.substr(text.find("Signature=") + 10);
}

} // namespace

TEST_CASE("SigV4: the suite's requests") {
  CHECK(suite_signature({"GET", "/", {}, {}, no_body})
        == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  CHECK(suite_signature({"POST", "/", {}, {}, no_body})
        == "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  CHECK(
    suite_signature(
      {"GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}, {}, no_body})
    == "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST_CASE("SigV4: the canonical form") {
  sigv4::request what{"GET",
                      "/a%20b",
                      {{"b", "1"}, {"a", "x y+/="}, {"a", ""}},
                      {{"X-Two", "  a   b "}, {"Host", "h"}},
                      "p"};
  CHECK(sigv4::canonical_request(what)
        == "GET\n/a%20b\na=&a=x%20y%2B%2F%3D&b=1\nhost:h\nx-two:a b\n\n"
           "host;x-two\np");
}

TEST_CASE("SigV4: the examples of the S3 documentation") {
  CHECK(
    s3_signature(s3_request("GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}))
    == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  CHECK(s3_signature(s3_request(
          "PUT", "/test%24file.text", {},
          {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
           {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
          "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"))
        == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  CHECK(s3_signature(s3_request("GET", "/", {{"lifecycle", ""}}, {}))
        == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  CHECK(s3_signature(
          s3_request("GET", "/", {{"max-keys", "2"}, {"prefix", "J"}}, {}))
        == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  auto signed_headers = sigv4::authorization(
    s3_request("GET", "/test.txt", {}, {{"Range", "bytes=0-9"}}), example,
    s3_time);
  CHECK(signed_headers.find(
          "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
          "aws4_request, SignedHeaders=host;range;x-amz-content-sha256;"
          "x-amz-date, ")
        != std::string::npos);
}

TEST_CASE("SigV4: the presigned URL of the S3 documentation") {
  sigv4::request what{
    "GET", "/test.txt", {}, {{"host", "examplebucket.s3.amazonaws.com"}}, {}};
  CHECK(sigv4::presigned_query(what, example, s3_time, ms{86'400'000})
        == "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
           "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
           "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&"
           "X-Amz-SignedHeaders=host&X-Amz-Signature="
           "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST_CASE("S3: errors by their code, the status where there is none") {
  auto fault = [](int status, const std::string& code) {
    http_response x;
    x.status = status;
    if (!code.empty())
      x.body = "<?xml version=\"1.0\"?><Error><Code>" + code
               + "</Code><Message>m</Message></Error>";
    return s3::fault_of(x, "k");
  };
  CHECK(fault(404, "NoSuchKey").code == fault_code::not_found);
  CHECK(fault(404, "NoSuchKey").subject == "k");
  CHECK(fault(404, "").code == fault_code::not_found);
  CHECK(fault(404, "NoSuchBucket").code == fault_code::disk);
  CHECK(fault(403, "SignatureDoesNotMatch").code == fault_code::disk);
  CHECK(fault(403, "SignatureDoesNotMatch").message
        == "the object store: 403 SignatureDoesNotMatch (m)");
  CHECK(fault(503, "SlowDown").code == fault_code::disk);
  CHECK(fault(507, "").code == fault_code::disk);
  CHECK(fault(412, "PreconditionFailed").code == fault_code::server_error);
  CHECK(fault(400, "KeyTooLongError").code == fault_code::refused);
  http_response hidden;
  hidden.status = 200;
  CHECK(!s3::hidden_fault(hidden, "k"));
  hidden.body = "<Error><Code>InternalError</Code></Error>";
  CHECK(s3::hidden_fault(hidden, "k")->code == fault_code::disk);
}

TEST_CASE("S3: lists, times and the end of an upload") {
  auto page = s3::parse_page(
    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    "<IsTruncated>true</IsTruncated><NextContinuationToken>t&amp;x"
    "</NextContinuationToken><Contents><Key>a%20b+%2B%C3%A9&amp;%c</Key>"
    "<LastModified>2026-11-28T16:40:01.500Z</LastModified><Size>5000000000"
    "</Size></Contents></ListBucketResult>");
  REQUIRE(page);
  REQUIRE(page->items.size() == 1);
  CHECK(page->items[0].key == "a b +é&%c");
  CHECK(page->items[0].bytes == 5'000'000'000);
  CHECK(page->items[0].modified == at(2026, 11, 28, 16, 40) + ms{1'500});
  CHECK(page->next == "t&x");
  for (auto text : {"", "<x/>", "<ListBucketResult>",
                    "<ListBucketResult><Contents><Key>a</Key></Contents>"
                    "</ListBucketResult>"}) {
    INFO(text);
    CHECK(!s3::parse_page(text));
  }
  for (auto text : {"", "2026", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z",
                    "x026-01-01T00:00:00Z"})
    CHECK(!s3::parse_time(text));
  CHECK(s3::parts_document({"\"a\"", "b&"})
        == "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
           "<ETag>\"a\"</ETag></Part><Part><PartNumber>2</PartNumber>"
           "<ETag>b&amp;</ETag></Part></CompleteMultipartUpload>");
  CHECK(s3::element("<A><UploadId>7</UploadId></A>", "UploadId") == "7");
  CHECK(s3::element("no xml", "UploadId").empty());
}
