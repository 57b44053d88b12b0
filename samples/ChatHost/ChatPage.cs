namespace ChatHost;

/// <summary>The chat page, as it is embedded in this program.</summary>
internal static class ChatPage
{
    /// <summary>The page's bytes, UTF-8.</summary>
    public static ReadOnlyMemory<byte> Html { get; } = Load();

    private static byte[] Load()
    {
        using var resource = typeof(ChatPage).Assembly.GetManifestResourceStream("index.html")
            ?? throw new InvalidOperationException("The page is not embedded in this program.");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
