import assert from "node:assert/strict";
import { oneOf, text, uuid, webUrl, wholeNumber, yesOrNo } from "../../../shared/settings/parse_value.ts";
import { InvalidValue } from "../../../shared/settings/settings.ts";

type Parser = (value: string) => unknown;

const TABLE: readonly {
  parser: Parser;
  name: string;
  takes: readonly [string, unknown][];
  refuses: string[];
}[] = [
  { name: "text()", parser: text, takes: [["", ""], [" a b ", " a b "]], refuses: [] },
  {
    name: "wholeNumber(5, 480)",
    parser: wholeNumber(5, 480, "minutes"),
    takes: [["5", 5], ["480", 480], [" 60 ", 60], ["060", 60]],
    refuses: ["4", "481", "5.5", "-5", "1e2", "0x10", "five", "", " ", "5 minutes", "٥٠"],
  },
  {
    name: "yesOrNo()",
    parser: yesOrNo,
    takes: [
      ...["true", "1", "yes", "on", "TRUE", " Yes "].map((word): [string, boolean] => [word, true]),
      ...["false", "0", "no", "off", "False"].map((word): [string, boolean] => [word, false]),
    ],
    refuses: ["", "2", "enabled", "t", "y"],
  },
  {
    name: "oneOf()",
    parser: oneOf("shell", "docker"),
    takes: [["shell", "shell"], [" docker ", "docker"]],
    refuses: ["", "Shell", "windows", "shell,docker"],
  },
  {
    name: "webUrl()",
    parser: webUrl,
    takes: [
      ["https://example.com/a/", "https://example.com/a"],
      ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
      ["http://127.9.9.9/x", "http://127.9.9.9/x"],
      ["http://localhost:1", "http://localhost:1"],
      ["http://[::1]:1/x/", "http://[::1]:1/x"],
      // What was checked is what is used, however it was written.
      ["HTTPS://Example.COM", "https://example.com"],
      ["http://0x7f.1", "http://127.0.0.1"],
      [
        " https://s3.eu-west-1.amazonaws.com/b/v1?x=1%202 ",
        "https://s3.eu-west-1.amazonaws.com/b/v1?x=1%202",
      ],
    ],
    refuses: [
      "",
      "example.com",
      "ftp://example.com",
      "file:///etc",
      "https://",
      "https://a/$(id)",
      "https://a/b\x1b[2J",
      "https://a/`id`",
      "https://a/'b",
      'https://a/"b',
      "https://a/b c",
      "https://a/b\nc",
      "https://a\\b",
      "https://a/b#c",
      "http://example.com",
      "http://10.0.0.1",
      "http://169.254.169.254",
      "http://0.0.0.0",
      "http://[::2]",
      "http://[::ffff:10.0.0.1]",
      "http://127.0.0.1.example.com",
      "http://localhost.example.com",
      "http://127.0.0.1@example.com",
      "https://user@example.com",
      "https://user:password@example.com",
      "https://:password@example.com",
    ],
  },
  {
    name: "uuid()",
    parser: uuid,
    takes: [
      ["{11111111-1111-4111-8111-111111111111}", "{11111111-1111-4111-8111-111111111111}"],
      ["11111111-1111-4111-8111-111111111111", "{11111111-1111-4111-8111-111111111111}"],
      [" {1B2C3D4E-0000-4000-8000-000000000000} ", "{1B2C3D4E-0000-4000-8000-000000000000}"],
    ],
    refuses: [
      ...["", "{}", "abc", "{abc}", "a b", "../x", "42"],
      ...["{11111111-1111-4111-8111-111111111111", "11111111-1111-4111-8111-111111111111}"],
      ...["11111111111141118111111111111111", "11111111-1111-4111-8111-11111111111g"],
      "{{11111111-1111-4111-8111-111111111111}}",
    ],
  },
];

for (const { name, parser, takes, refuses } of TABLE) {
  Deno.test(`\`${name}\` takes what is valid and refuses the rest`, () => {
    for (const [given, value] of takes) assert.equal(parser(given), value, `«${given}»`);
    for (const given of refuses) assert.throws(() => parser(given), InvalidValue, `«${given}»`);
  });
}

const EXPECTATIONS: readonly [Parser, string][] = [
  [wholeNumber(5, 480, "minutes"), "a whole number of minutes from 5 to 480"],
  [wholeNumber(1, Number.MAX_SAFE_INTEGER, "seconds"), "a whole number of seconds, 1 or more"],
  [oneOf("shell", "docker"), "one of shell, docker"],
  [webUrl, "a URL that starts with https://; http:// is for this machine alone, as in http://127.0.0.1:8080"],
];

Deno.test("a parser's refusal says what a valid value looks like", () => {
  for (const [parser, expected] of EXPECTATIONS) assert.throws(() => parser("?"), { message: expected });
});
