using System.Text;
using System.Text.Unicode;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class Utf8_8_1
{
    private const string ManyScripts =
        "Zażółć gęślą jaźń | Ξεσκεπάζω | Съешь ещё | שלום | مرحبا | नमस्ते | 日本語 | 한국어 | 𐍈𝄞 | 👩‍👩‍👧‍👦 | " +
        "\u0000\u007F\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFF";

    // The bytes at which a grammar of UTF-8 changes its mind, and one on either side.
    private static readonly byte[] Edges =
        [0x00, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0xFF];

    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(octet => (byte)octet)];

    [Test]
    public void Every_sequence_of_one_byte_is_judged_as_by_the_oracles() => ShouldAgree(1, AllBytes);

    [Test]
    public void Every_sequence_of_two_bytes_is_judged_as_by_the_oracles() => ShouldAgree(2, AllBytes);

    [Test]
    public void Every_sequence_of_three_bytes_is_judged_as_by_the_oracles() => ShouldAgree(3, AllBytes);

    [Test]
    public void Sequences_of_four_bytes_with_the_last_two_at_the_edges_are_judged_as_by_the_oracles() => ShouldAgree(4, Edges);

    [Test]
    public void Every_code_point_is_valid_and_complete_only_at_its_last_byte()
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var value = 0; value <= 0x10FFFF; value++)
        {
            if (!Rune.TryCreate(value, out var rune))
            {
                continue;
            }

            var length = rune.EncodeToUtf8(bytes);
            for (var cut = 1; cut <= length; cut++)
            {
                var validator = default(Utf8Validator);
                if (!validator.Append(bytes[..cut]) || validator.IsComplete != (cut == length)
                    || !validator.Append(bytes[cut..length]) || !validator.IsComplete)
                {
                    Assert.Fail($"U+{value:X4} cut at {cut}");
                }
            }
        }
    }

    [Test]
    public void Text_in_many_scripts_is_valid_in_any_three_pieces()
    {
        var text = Encoding.UTF8.GetBytes(ManyScripts);
        for (var first = 0; first <= text.Length; first++)
        {
            for (var second = first; second <= text.Length; second++)
            {
                var validator = default(Utf8Validator);
                if (!validator.Append(text.AsSpan(0, first)) || validator.IsComplete != IsCharacterEnd(text, first)
                    || !validator.Append(text.AsSpan(first, second - first)) || validator.IsComplete != IsCharacterEnd(text, second)
                    || !validator.Append(text.AsSpan(second)) || !validator.IsComplete)
                {
                    Assert.Fail($"cut at {first} and {second}");
                }
            }
        }
    }

    [Test]
    public void Text_in_many_scripts_is_valid_in_pieces_of_any_one_size([Range(1, 9)] int piece)
    {
        var text = Encoding.UTF8.GetBytes(ManyScripts);
        var validator = default(Utf8Validator);
        for (var position = 0; position < text.Length; position += piece)
        {
            validator.Append(text.AsSpan(position, Math.Min(piece, text.Length - position))).Should().BeTrue();
        }

        validator.IsComplete.Should().BeTrue();
    }

    [Test]
    public void A_surrogate_fails_at_its_second_byte([Range(0xA0, 0xBF)] int second) =>
        new ReceivedText(0x61, 0xED, (byte)second, 0x80).ShouldFailAt(2);

    [Test]
    public void The_characters_beside_the_surrogates_are_valid()
    {
        new ReceivedText(0xED, 0x9F, 0xBF).ShouldBeValid();
        new ReceivedText(0xEE, 0x80, 0x80).ShouldBeValid();
    }

    [Test]
    public void A_byte_that_never_occurs_fails_at_once(
        [Values(0xC0, 0xC1, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF)] int never)
    {
        new ReceivedText((byte)never, 0x80, 0x80, 0x80).ShouldFailAt(0);
        new ReceivedText(0xC3, 0xA9, (byte)never).ShouldFailAt(2);
        new ReceivedText(0xC3, (byte)never).ShouldFailAt(1);
    }

    [Test]
    public void An_overlong_form_fails_at_its_second_byte()
    {
        for (var second = 0x80; second <= 0x9F; second++)
        {
            new ReceivedText(0xE0, (byte)second, 0x80).ShouldFailAt(1);
        }

        for (var second = 0x80; second <= 0x8F; second++)
        {
            new ReceivedText(0xF0, (byte)second, 0x80, 0x80).ShouldFailAt(1);
        }
    }

    [Test]
    public void A_code_point_above_10FFFF_fails_at_its_second_byte([Range(0x90, 0xBF)] int second) =>
        new ReceivedText(0xF4, (byte)second, 0x80, 0x80).ShouldFailAt(1);

    [Test]
    public void The_last_code_point_is_valid() => new ReceivedText(0xF4, 0x8F, 0xBF, 0xBF).ShouldBeValid();

    [Test]
    public void A_lone_continuation_fails_at_once([Range(0x80, 0xBF)] int octet)
    {
        new ReceivedText((byte)octet).ShouldFailAt(0);
        new ReceivedText(0x61, (byte)octet).ShouldFailAt(1);
        new ReceivedText(0xC3, 0xA9, (byte)octet).ShouldFailAt(2);
        new ReceivedText(0xE2, 0x82, 0xAC, (byte)octet).ShouldFailAt(3);
        new ReceivedText(0xF0, 0x9F, 0x98, 0x80, (byte)octet).ShouldFailAt(4);
    }

    [Test]
    public void A_character_that_breaks_off_fails_where_the_next_one_starts()
    {
        new ReceivedText(0xC3, 0x61).ShouldFailAt(1);
        new ReceivedText(0xE2, 0x61).ShouldFailAt(1);
        new ReceivedText(0xE2, 0x82, 0x61).ShouldFailAt(2);
        new ReceivedText(0xE2, 0x82, 0xE2, 0x82, 0xAC).ShouldFailAt(2);
        new ReceivedText(0xF0, 0x9F, 0x98, 0x61).ShouldFailAt(3);
        new ReceivedText(0xF0, 0x9F, 0x98, 0xF0, 0x9F, 0x98, 0x80).ShouldFailAt(3);
    }

    [Test]
    public void A_text_that_stops_inside_a_character_is_unfinished_and_not_wrong()
    {
        new ReceivedText(0xC2).ShouldBeUnfinished();
        new ReceivedText(0xE0).ShouldBeUnfinished();
        new ReceivedText(0xE0, 0xA0).ShouldBeUnfinished();
        new ReceivedText(0xED, 0x9F).ShouldBeUnfinished();
        new ReceivedText(0xF0).ShouldBeUnfinished();
        new ReceivedText(0xF0, 0x90).ShouldBeUnfinished();
        new ReceivedText(0xF4, 0x8F, 0xBF).ShouldBeUnfinished();
        new ReceivedText(0x61, 0x62, 0x63, 0xF0, 0x9F, 0x98).ShouldBeUnfinished();
    }

    [Test]
    public void Noncharacters_and_NUL_are_valid()
    {
        new ReceivedText(0x00).ShouldBeValid();
        new ReceivedText(0xEF, 0xBF, 0xBE).ShouldBeValid();
        new ReceivedText(0xEF, 0xBF, 0xBF).ShouldBeValid();
        new ReceivedText(0xEF, 0xBB, 0xBF).ShouldBeValid();
        new ReceivedText(0xF0, 0x9F, 0xBF, 0xBE).ShouldBeValid();
    }

    [Test]
    public void An_error_behind_any_length_of_text_is_told_at_its_own_byte()
    {
        // The lengths cross the widths of a vectorised check.
        for (var length = 0; length <= 140; length++)
        {
            var text = Enumerable.Repeat((byte)'a', length).Concat([(byte)0xED, (byte)0xA0, (byte)'b', (byte)'c']).ToArray();
            for (var seen = 0; seen <= text.Length; seen++)
            {
                var validator = default(Utf8Validator);
                validator.Append(text.AsSpan(0, seen)).Should().Be(seen <= length + 1, "{0} of {1} bytes are seen", seen, text.Length);
            }
        }
    }

    [Test]
    public void An_empty_piece_changes_nothing()
    {
        var validator = default(Utf8Validator);

        validator.Append([]).Should().BeTrue();
        validator.IsComplete.Should().BeTrue();
        validator.Append([0xE2]).Should().BeTrue();
        validator.Append([]).Should().BeTrue();
        validator.IsComplete.Should().BeFalse();
        validator.Append([0x82, 0xAC]).Should().BeTrue();
        validator.IsComplete.Should().BeTrue();
    }

    [Test]
    public void After_a_reset_a_new_text_starts()
    {
        var validator = default(Utf8Validator);

        validator.Append([0xE2, 0x82]).Should().BeTrue();
        validator.Reset();
        validator.IsComplete.Should().BeTrue();
        validator.Append("a"u8).Should().BeTrue();

        validator.Append([0xF0, 0x80]).Should().BeFalse();
        validator.Reset();
        validator.Append([0xC3, 0xA9]).Should().BeTrue();
        validator.IsComplete.Should().BeTrue();
    }

    [Test]
    public void Text_that_is_not_UTF8_is_answered_with_1007() =>
        ((int)ProtocolViolation.InvalidUtf8.CloseStatus).Should().Be(1007);

    // Every sequence of any two bytes, and then any of the given ones.
    private static void ShouldAgree(int length, byte[] tails)
    {
        Span<byte> bytes = stackalloc byte[length];
        var count = 1L;
        for (var place = 0; place < length; place++)
        {
            count *= Choice(place).Length;
        }

        for (var number = 0L; number < count; number++)
        {
            var rest = number;
            for (var place = 0; place < length; place++)
            {
                var choice = Choice(place);
                bytes[place] = choice[(int)(rest % choice.Length)];
                rest /= choice.Length;
            }

            ShouldAgree(bytes);
        }

        byte[] Choice(int place) => place < 2 ? AllBytes : tails;
    }

    private static void ShouldAgree(ReadOnlySpan<byte> bytes)
    {
        var oracle = default(Utf8Oracle);
        var right = 0;
        while (right < bytes.Length && oracle.Accept(bytes[right]))
        {
            right++;
        }

        var valid = right == bytes.Length;
        var agrees = (valid && oracle.IsComplete) == Utf8.IsValid(bytes);

        // Cut in two at every point, the empty pieces included: the whole in one piece is among them.
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var validator = default(Utf8Validator);
            var first = validator.Append(bytes[..cut]);
            agrees &= first == (cut <= right);
            if (first)
            {
                agrees &= validator.Append(bytes[cut..]) == valid && (!valid || validator.IsComplete == oracle.IsComplete);
            }
        }

        if (!agrees)
        {
            Assert.Fail($"{Convert.ToHexString(bytes)}: {right} bytes are right, and the judges disagree");
        }
    }

    private static bool IsCharacterEnd(byte[] text, int place) => place == text.Length || (text[place] & 0xC0) != 0x80;
}
