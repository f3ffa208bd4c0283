import { expect, test } from "vitest";
import { hexDigits, hexLines, utf8Text } from "../../console/src/ui/hex.ts";
import { visible } from "../../console/src/ui/visible.ts";

test("what cannot be seen of a text is shown by its code", () => {
  expect(visible("plain text,\nüber two lines 🙂")).toBe("plain text,\nüber two lines 🙂");
  const cases: readonly (readonly [string, string])[] = [
    ["invoice\u202Efdp.exe", "invoice⟨U+202E⟩fdp.exe"],
    ["a\u0000b\u001b[31m", "a⟨U+0000⟩b⟨U+001B⟩[31m"],
    ["zero\u200Bwidth\uFEFF", "zero⟨U+200B⟩width⟨U+FEFF⟩"],
    ["half \uD800 of a pair", "half ⟨U+D800⟩ of a pair"],
  ];
  for (const [text, shown] of cases) expect(visible(text)).toBe(shown);
});

test("bytes are shown in lines of sixteen, a part of them at a time", () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, at) => at + 0x39);
  expect(hexLines(bytes, 20)).toBe(
    [
      "00000000  39 3a 3b 3c 3d 3e 3f 40 41 42 43 44 45 46 47 48  9:;<=>?@ABCDEFGH",
      "00000010  49 4a 4b 4c                                      IJKL",
    ].join("\n"),
  );
  expect(hexLines(new Uint8Array(), 20)).toBe("");
  expect(hexDigits(Uint8Array.of(0, 1, 255))).toBe("0001ff");
});

test("bytes are a text only where they are UTF-8", () => {
  expect(utf8Text(new TextEncoder().encode("grüß"))).toBe("grüß");
  expect(utf8Text(Uint8Array.of(0xc3, 0x28))).toBeNull();
});
