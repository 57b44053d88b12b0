using System.Buffers;
using System.Text;

namespace RawSocketChat.Handshake.Tests;

/// <summary>What a writer writes, as text.</summary>
internal static class ResponseText
{
    public static string Of(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    // A wrong argument is told before anything is written: half a response would be worse than none.
    public static void AssertWritesNothing<TException>(Action<IBufferWriter<byte>> write)
        where TException : Exception
    {
        var output = new ArrayBufferWriter<byte>();
        output.Invoking(write).Should().Throw<TException>();
        output.WrittenCount.Should().Be(0);
    }

    public static KeyValuePair<string, string> Header(string name, string value) => KeyValuePair.Create(name, value);
}
