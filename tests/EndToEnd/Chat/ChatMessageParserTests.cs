using System.Text;
using ChatHost;

namespace RawSocketChat.EndToEnd.Tests.Chat;

public sealed class ChatMessageParserTests
{
    [Test]
    public void A_text_alone_is_all_that_the_smallest_client_sends()
    {
        Parse("""{"data":"你好 😄"}""").Should().Be(new ClientMessage("你好 😄", null, null));
    }

    [Test]
    public void A_name_may_come_alone_or_with_a_text_in_either_order()
    {
        Parse("""{"name":"小明"}""").Should().Be(new ClientMessage(null, "小明", null));
        Parse("""{"name":"小明","data":"x"}""").Should().Be(new ClientMessage("x", "小明", null));
        Parse("""{"data":"x","name":"小明"}""").Should().Be(new ClientMessage("x", "小明", null));
    }

    [Test]
    public void Unknown_fields_are_ignored_whatever_they_hold()
    {
        Parse("""{"a":null,"b":[1,{"data":2}],"data":"x","c":{"name":[]},"Data":1}""").Should().Be(new ClientMessage("x", null, null));
    }

    [Test]
    public void Escapes_are_undone_in_values_and_in_field_names()
    {
        Parse("""{"d\u0061ta":"\u4f60\u597d \ud83d\ude04\n"}""").Text.Should().Be("你好 😄\n");
    }

    [Test]
    public void An_empty_text_is_a_text() => Parse("""{"data":""}""").Text.Should().BeEmpty();

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("hello")]
    [TestCase("null")]
    [TestCase("\"data\"")]
    [TestCase("42")]
    [TestCase("[]")]
    [TestCase("""[{"data":"x"}]""")]
    [TestCase("{}")]
    [TestCase("""{"text":"x"}""")]
    [TestCase("""{"data":"x""")]
    [TestCase("""{"data":"x"}}""")]
    [TestCase("""{"data":"x"} {"data":"y"}""")]
    [TestCase("""{"data":"x",}""")]
    [TestCase("""{'data':'x'}""")]
    [TestCase("""{data:"x"}""")]
    [TestCase("""{"data":"x"} // said""")]
    [TestCase("\uFEFF{\"data\":\"x\"}")]
    [TestCase("{\"data\":\"a\nb\"}")]
    public void What_is_not_one_such_object_is_told_how_it_should_look(string json)
    {
        Parse(json).Problem.Should().Contain("""{"data": "hello"}""");
    }

    [TestCase("""{"data":null}""", "data")]
    [TestCase("""{"data":1}""", "data")]
    [TestCase("""{"data":["x"]}""", "data")]
    [TestCase("""{"data":{"data":"x"}}""", "data")]
    [TestCase("""{"name":true}""", "name")]
    [TestCase("""{"data":"x","name":null}""", "name")]
    public void A_field_of_another_type_is_named(string json, string field)
    {
        Parse(json).Problem.Should().Be($"Not understood: \"{field}\" must be a string.");
    }

    [TestCase("""{"data":"x","data":"x"}""")]
    [TestCase("""{"data":"","d\u0061ta":""}""")]
    [TestCase("""{"name":"x","data":"y","name":"z"}""")]
    public void A_field_given_twice_is_refused(string json) => Parse(json).Problem.Should().Contain("twice");

    [TestCase("""{"data":"\ud800"}""")]
    [TestCase("""{"data":"\udc00\ud800"}""")]
    [TestCase("""{"name":"\ude04x"}""")]
    [TestCase("""{"\ud800":"x","data":"y"}""")]
    public void Half_a_surrogate_pair_is_no_text(string json) => Parse(json).Problem.Should().Contain("not Unicode");

    [Test]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        ChatMessageParser.Parse([.. "{\"data\":\""u8, 0xC3, 0x28, .. "\"}"u8]).Problem.Should().NotBeNull();
    }

    [Test]
    public void Deep_nesting_is_refused()
    {
        Parse($$"""{"deep":{{new string('[', 5000)}}{{new string(']', 5000)}},"data":"x"}""").Problem.Should().NotBeNull();
    }

    [TestCase("x", 4096)]
    [TestCase("é", 2048)]
    [TestCase("汉", 1365)]
    [TestCase("😄", 1024)]
    public void A_text_of_4096_bytes_fits_and_one_byte_more_does_not(string character, int count)
    {
        var text = string.Concat(Enumerable.Repeat(character, count));
        text += new string('.', 4096 - Encoding.UTF8.GetByteCount(text));

        Parse($$"""{"data":"{{text}}"}""").Text.Should().Be(text);
        Parse($$"""{"data":"{{text}}."}""").Problem.Should().Contain("4096").And.Contain("4097");
    }

    [Test]
    public void Escapes_do_not_count_as_the_bytes_they_are_written_with()
    {
        var escaped = string.Concat(Enumerable.Repeat(@"\u0041", 4096));

        Parse($$"""{"data":"{{escaped}}"}""").Text.Should().Be(new string('A', 4096));
    }

    [TestCase("  小明\t", "小明")]
    [TestCase("\u3000Ada\n", "Ada")]
    [TestCase("a b", "a b")]
    public void A_name_is_trimmed(string given, string name) => ParseName(given).Name.Should().Be(name);

    [TestCase("a")]
    [TestCase("名")]
    [TestCase("😄")]
    public void A_name_has_at_most_32_code_points(string character)
    {
        var longest = string.Concat(Enumerable.Repeat(character, 32));

        ParseName($" {longest} ").Name.Should().Be(longest);
        ParseName(longest + character).Problem.Should().Be("A nickname has at most 32 characters; this one has 33.");
    }

    [TestCase("")]
    [TestCase(" \t\u3000")]
    public void A_name_of_nothing_is_refused(string given) => ParseName(given).Problem.Should().Contain("at least one");

    [TestCase("a\0b")]
    [TestCase("a\nb")]
    [TestCase("a\u001b[31mb")]
    [TestCase("a\u007fb")]
    [TestCase("a\u009fb")]
    public void A_name_has_no_control_characters(string given) => ParseName(given).Problem.Should().Contain("control");

    [TestCase("server")]
    [TestCase(" Server ")]
    public void Nobody_speaks_in_the_server_s_name(string given) => ParseName(given).Problem.Should().Contain("belongs to the server");

    [Test]
    public void A_bad_name_takes_its_text_with_it()
    {
        Parse("""{"data":"x","name":" "}""").Text.Should().BeNull();
    }

    private static ClientMessage Parse(string json) => ChatMessageParser.Parse(Encoding.UTF8.GetBytes(json));

    private static ClientMessage ParseName(string name) => Parse(System.Text.Json.JsonSerializer.Serialize(new { name }));
}
