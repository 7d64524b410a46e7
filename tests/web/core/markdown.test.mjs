/** Light Markdown: what CommonMark 0.31.2 fixes of the part that notes have, by its sections; and what stays text. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { blocksOf } from "../../../web/js/core/markdown.js";

/** Spans and blocks as short as HTML; characters of texts are as they are. */
const spans = (all) => all.map((span) => SPANS[span.kind]?.(span) ?? `<${span.kind}>${spans(span.spans)}</${span.kind}>`).join("");
const SPANS = {
  text: ({ text }) => text,
  code: ({ text }) => `<code>${text}</code>`,
  break: () => "<br>",
  link: (link) => `<a ${link.to}>${spans(link.spans)}</a>`,
};
const blocks = (all) => all.map((block) => BLOCKS[block.kind](block)).join("");
const BLOCKS = {
  heading: (heading) => `<h${heading.level}>${spans(heading.spans)}</h${heading.level}>`,
  paragraph: (paragraph) => `<p>${spans(paragraph.spans)}</p>`,
  code: ({ text }) => `<pre>${text}</pre>`,
  rule: () => "<hr>",
  list: ({ start, items }) => `<${start ?? "ul"}>${items.map((item) => `<li>${blocks(item)}</li>`).join("")}</${start ?? "ul"}>`,
};
const shown = (text) => blocks(blocksOf(text));

const TABLE = {
  "4.1 thematic breaks": [
    ["***\n---\n___", "<hr><hr><hr>"], ["--", "<p>--</p>"], [" - - -", "<hr>"], ["a\n***\nb", "<p>a</p><hr><p>b</p>"],
    ["- a\n***\n- b", "<ul><li><p>a</p></li></ul><hr><ul><li><p>b</p></li></ul>"],
  ],
  "4.2 headings by number signs": [
    ["# a", "<h1>a</h1>"], ["###### a", "<h6>a</h6>"], ["####### a", "<p>####### a</p>"], ["#a", "<p>#a</p>"], ["#", "<h1></h1>"],
    ["## a ##", "<h2>a</h2>"], ["# a#", "<h1>a#</h1>"], ["# a *b* c", "<h1>a <em>b</em> c</h1>"], ["\\## a", "<p>## a</p>"],
    ["a\n# b\nc", "<p>a</p><h1>b</h1><p>c</p>"], ["   # a", "<h1>a</h1>"],
  ],
  "4.3 headings by underlines": [
    ["a\n===", "<h1>a</h1>"], ["a\n-", "<h2>a</h2>"], ["a\n=b", "<p>a<br>=b</p>"], ["===", "<p>===</p>"],
    ["- a\n---", "<ul><li><p>a</p></li></ul><hr>"],
  ],
  "4.5 code between fences": [
    ["```\n<a>\n *b*\n```", "<pre><a>\n *b*\n</pre>"], ["~~~ python\na\n~~~", "<pre>a\n</pre>"], ["```\na", "<pre>a\n</pre>"],
    ["````\na\n```\n````", "<pre>a\n```\n</pre>"], ["```\na\n~~~\n```", "<pre>a\n~~~\n</pre>"], ["  ```\n   a\n  ```", "<pre> a\n</pre>"],
    ["a\n```\nb\n```\nc", "<p>a</p><pre>b\n</pre><p>c</p>"], ["``` a ``` b", "<p><code>a</code> b</p>"],
  ],
  "4.8 paragraphs": [["a\n\n\nb", "<p>a</p><p>b</p>"], ["  a\n b", "<p>a<br>b</p>"], ["", ""], ["a\r\nb\rc", "<p>a<br>b<br>c</p>"]],
  "5.2 items": [
    ["- a\n\n  b", "<ul><li><p>a</p><p>b</p></li></ul>"], ["- a\n\nb", "<ul><li><p>a</p></li></ul><p>b</p>"], ["-a", "<p>-a</p>"],
    ["- a\nb", "<ul><li><p>a<br>b</p></li></ul>"], ["7. a\n8. b", "<7><li><p>a</p></li><li><p>b</p></li></7>"],
    ["1) a\n\n   ```\n   b\n   ```", "<1><li><p>a</p><pre>b\n</pre></li></1>"], ["0123456789. a", "<p>0123456789. a</p>"],
    ["- a\n  - b\n    - c\n- d", "<ul><li><p>a</p><ul><li><p>b</p><ul><li><p>c</p></li></ul></li></ul></li><li><p>d</p></li></ul>"],
    ["- # a", "<ul><li><h1>a</h1></li></ul>"], ["-\n  a", "<ul><li><p>a</p></li></ul>"], ["-\n\n  a", "<ul><li></li></ul><p>a</p>"],
    ["- 1. a", "<ul><li><1><li><p>a</p></li></1></li></ul>"], ["a\n- b", "<p>a</p><ul><li><p>b</p></li></ul>"],
  ],
  "5.3 lists": [
    ["- a\n+ b", "<ul><li><p>a</p></li></ul><ul><li><p>b</p></li></ul>"], ["1. a\n2) b", "<1><li><p>a</p></li></1><2><li><p>b</p></li></2>"],
    ["a\n14. b", "<p>a<br>14. b</p>"], ["a\n1. b", "<p>a</p><1><li><p>b</p></li></1>"], ["- a\n\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"],
  ],
  "2.4 escapes": [["\\*a\\* \\[b](c) \\` \\\\", "<p>*a* [b](c) ` \\</p>"], ["\\a", "<p>\\a</p>"], ["`\\*`", "<p><code>\\*</code></p>"]],
  "6.1 code": [
    ["`a *b*`", "<p><code>a *b*</code></p>"], ["`` a ` b ``", "<p><code>a ` b</code></p>"], ["` `` `", "<p><code>``</code></p>"],
    ["`a\nb`", "<p><code>a b</code></p>"], ["*a `b*`", "<p>*a <code>b*</code></p>"], ["`a", "<p>`a</p>"], ["```a``", "<p>```a``</p>"], ["` `", "<p><code> </code></p>"],
  ],
  "6.2 emphasis": [
    ["*a*", "<p><em>a</em></p>"], ["_a_", "<p><em>a</em></p>"], ["**a**", "<p><strong>a</strong></p>"], ["__a__", "<p><strong>a</strong></p>"],
    ["a * b * c", "<p>a * b * c</p>"], ["a_b_c", "<p>a_b_c</p>"], ["a*b*c", "<p>a<em>b</em>c</p>"], ["*a", "<p>*a</p>"], ["*a_", "<p>*a_</p>"],
    ["**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"], ["***a***", "<p><em><strong>a</strong></em></p>"],
    ["*a **b***", "<p><em>a <strong>b</strong></em></p>"], ["**a*", "<p>*<em>a</em></p>"], ["*a**", "<p><em>a</em>*</p>"],
    ["*a**b*", "<p><em>a**b</em></p>"], ["*a _b* c_", "<p><em>a _b</em> c_</p>"], ["** a**", "<p>** a**</p>"], ["пре_a_", "<p>пре_a_</p>"],
    ["*\u00a0a*", "<p>*\u00a0a*</p>"], ['a*"b"*', '<p>a*"b"*</p>'], ["_(a)_", "<p><em>(a)</em></p>"], ["*😀*", "<p><em>😀</em></p>"],
  ],
  "6.3 links": [
    ["[a](http://b)", "<p><a http://b>a</a></p>"], ["[*a* `b`](https://c)", "<p><a https://c><em>a</em> <code>b</code></a></p>"],
    ['[a](http://b "c")', "<p><a http://b>a</a></p>"], ["[a](http://b 'c')", "<p><a http://b>a</a></p>"], ["[a](<http://b c>)", "<p><a http://b c>a</a></p>"],
    ["[a](http://b/(c))", "<p><a http://b/(c)>a</a></p>"], ["[a](http://b/\\(c)", "<p><a http://b/(c>a</a></p>"], ["[a] (http://b)", "<p>[a] (http://b)</p>"],
    ["[a](http://b c)", "<p>[a](http://b c)</p>"], ["[a [b](http://c) d](http://e)", "<p>[a <a http://c>b</a> d](http://e)</p>"],
    ["*[a*](http://b)", "<p>*<a http://b>a*</a></p>"], ["[a [b]](http://c)", "<p><a http://c>a [b]</a></p>"], ["[a](http://b\n'c')", "<p><a http://b>a</a></p>"],
  ],
  "6.5 autolinks": [["<https://a?b=*c*>", "<p><a https://a?b=*c*>https://a?b=*c*</a></p>"], ["<https://a b>", "<p><https://a b></p>"], ["https://a", "<p>https://a</p>"]],
  "6.9 of GitHub's: addresses without brackets": [
    ["see https://a.b/c_d_e?f=*g*#h, and", "<p>see <a https://a.b/c_d_e?f=*g*#h>https://a.b/c_d_e?f=*g*#h</a>, and</p>"],
    ["https://a.b.", "<p><a https://a.b>https://a.b</a>.</p>"], ["**https://a.b**", "<p><strong><a https://a.b>https://a.b</a></strong></p>"],
    ["(https://a.b/c_(d))", "<p>(<a https://a.b/c_(d)>https://a.b/c_(d)</a>)</p>"], ["https://a.b/c))).", "<p><a https://a.b/c>https://a.b/c</a>))).</p>"],
    ["[https://a.b](https://c)", "<p><a https://c>https://a.b</a></p>"], ["[*https://a.b*](https://c)", "<p><a https://c><em>https://a.b</em></a></p>"],
    ["[see https://a.b]", "<p>[see <a https://a.b>https://a.b</a>]</p>"], ["`https://a.b`", "<p><code>https://a.b</code></p>"],
    ["https://a", "<p>https://a</p>"], ["xhttps://a.b", "<p>xhttps://a.b</p>"], ["javascript://a.b", "<p>javascript://a.b</p>"], ["ftp://a.b", "<p>ftp://a.b</p>"],
    ["https://a.b/<c>", "<p><a https://a.b/>https://a.b/</a><c></p>"], ["见https://a.b/中文。然后", "<p>见<a https://a.b/中文>https://a.b/中文</a>。然后</p>"],
    ["HTTP://1.2.3.4:8188/", "<p><a HTTP://1.2.3.4:8188/>HTTP://1.2.3.4:8188/</a></p>"],
  ],
  "6.7 and 6.8 line breaks, each of which is kept": [["a  \nb", "<p>a<br>b</p>"], ["a\\\nb", "<p>a<br>b</p>"], ["a\nb", "<p>a<br>b</p>"], ["a\\", "<p>a\\</p>"]],
};

for (const [section, rows] of Object.entries(TABLE)) {
  test(section, () => {
    for (const [text, wanted] of rows) assert.equal(shown(text), wanted, JSON.stringify(text));
  });
}

test("what leads elsewhere than to the web, and HTML, is text", () => {
  const texts = [
    "[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))", "[a](data:text/html,b)", "[a](//b)", "[a](/b)", "[a](#b)", "[a](file:///b)", "[a]( javascript:b)",
    "<javascript:alert(1)>", "<mailto:a@b.c>", "<img src=x onerror=alert(1)>", "<script>a</script>", "<!-- a -->", "&lt;", "> a", "[a]: http://b",
  ];
  for (const text of texts) assert.equal(shown(text), `<p>${text}</p>`);
});

test("a picture is a link to it by its words", () => {
  assert.equal(shown("![a *b*](http://c/d.png)"), "<p><a http://c/d.png>a <em>b</em></a></p>");
  assert.equal(shown("![a](data:image/png;base64,b)"), "<p>![a](data:image/png;base64,b)</p>");
});

test("nothing is too deep or too long", () => {
  const parts = ["*a ", "a* ", "**a", "a**b", "[a](", "[", "![", "`a", "<http:", "- ", "1. ", "http://a.b", "http://", ")", "http://a.b...)", "- a\n  ", "```\n", "[a](http://b)", "\\", '[a](b "', "`\n``\n"];
  const deep = (node) => 1 + Math.max(0, ...(node.spans ?? node.items?.flat() ?? []).map(deep));
  for (const part of parts) {
    const text = part.repeat(20_000 / part.length);
    const started = performance.now();
    assert.ok(Math.max(...blocksOf(text).map(deep)) < 210, part);
    assert.ok(performance.now() - started < 2000, part);
  }
  assert.deepEqual(blocksOf("*a*".repeat(10_000)), [{ kind: "paragraph", spans: [{ kind: "text", text: "*a*".repeat(10_000) }] }]);
});
