namespace RawSocketChat.Framing.Tests;

/// <summary>
/// The bytes of a text on their way to a <see cref="Utf8Validator"/>. Each assertion feeds them whole, byte by byte, and cut at
/// every point.
/// </summary>
internal sealed class ReceivedText(params byte[] bytes)
{
    /// <summary>The text is valid and ends at a character's end.</summary>
    public void ShouldBeValid() => ShouldHold(complete: true);

    /// <summary>The text is valid so far, and stops inside a character.</summary>
    public void ShouldBeUnfinished() => ShouldHold(complete: false);

    /// <summary>The text fails from byte <paramref name="place"/> (counted from 0) on, and not earlier.</summary>
    public void ShouldFailAt(int place)
    {
        ShouldAccept(bytes[..place]);
        for (var length = place + 1; length <= bytes.Length; length++)
        {
            for (var cut = 0; cut <= length; cut++)
            {
                var validator = default(Utf8Validator);
                var first = validator.Append(bytes.AsSpan(0, cut));
                first.Should().Be(cut <= place, "the first {0} of {1} are fed", cut, Convert.ToHexString(bytes));
                if (first)
                {
                    validator.Append(bytes.AsSpan(cut, length - cut)).Should().BeFalse("bytes {0} to {1} are fed", cut, length);
                }
            }
        }
    }

    private void ShouldHold(bool complete) =>
        ShouldAccept(bytes).Should().Be(complete, "{0} ends there", Convert.ToHexString(bytes));

    private static bool ShouldAccept(byte[] text)
    {
        var byteByByte = default(Utf8Validator);
        for (var i = 0; i < text.Length; i++)
        {
            byteByByte.Append(text.AsSpan(i, 1)).Should().BeTrue("byte {0} of {1} is right", i, Convert.ToHexString(text));
        }

        for (var cut = 0; cut <= text.Length; cut++)
        {
            var validator = default(Utf8Validator);
            validator.Append(text.AsSpan(0, cut)).Should().BeTrue("the first {0} of {1} are right", cut, Convert.ToHexString(text));
            validator.Append(text.AsSpan(cut)).Should().BeTrue("{0} cut at {1} is right", Convert.ToHexString(text), cut);
            validator.IsComplete.Should().Be(byteByByte.IsComplete);
        }

        return byteByByte.IsComplete;
    }
}
