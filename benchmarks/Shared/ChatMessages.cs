using System.Globalization;
using System.Text;

namespace RawSocketChat.Benchmarks;

/// <summary>What a chat sends: JSON with the same names again and again, and texts that are not.</summary>
internal static class ChatMessages
{
    private static readonly string[] Words =
        ["hello", "the", "meeting", "tomorrow", "at", "noon", "你好", "世界", "lunch", "who", "has", "seen", "it", "服务器", "ok", "😀", "again", "later", "thanks"];

    /// <summary>Messages of about that many bytes, always the same; fewer are the first of more.</summary>
    public static byte[][] Make(int size, int count = 1000)
    {
        var random = new Random(size);
        return [.. Enumerable.Range(0, count).Select(number => One(random, number, size))];
    }

    private static byte[] One(Random random, int number, int size)
    {
        var text = new StringBuilder();
        var head = string.Create(
            CultureInfo.InvariantCulture, $$"""{"type":"message","id":{{number}},"from":"user{{random.Next(50)}}","time":"12:{{random.Next(60):D2}}","text":" """);
        while (Encoding.UTF8.GetByteCount(head) + Encoding.UTF8.GetByteCount(text.ToString()) < size - 2)
        {
            text.Append(Words[random.Next(Words.Length)]).Append(' ');
        }

        return Encoding.UTF8.GetBytes(size < 100 ? $$"""{"from":"user{{random.Next(50)}}","text":"{{Words[random.Next(Words.Length)]}} {{random.Next(1000)}}"}""" : $"{head}{text}\"}}");
    }
}
