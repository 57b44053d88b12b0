namespace RawSocketChat.Benchmarks.Micro.Framing;

/// <summary>What a text is written in.</summary>
public enum Script
{
    /// <summary>One byte a character.</summary>
    Ascii,

    /// <summary>Three bytes a character.</summary>
    Cjk,

    /// <summary>One to four bytes a character, in turns.</summary>
    Mixed,
}
