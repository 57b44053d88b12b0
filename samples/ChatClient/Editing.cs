namespace ChatClient;

/// <summary>What a key asks for beyond the line itself.</summary>
internal enum Editing
{
    /// <summary>The line may have changed; nothing else.</summary>
    Goes,

    /// <summary>The line takes no more; told once.</summary>
    Overflows,

    /// <summary>The line is done.</summary>
    Submits,

    /// <summary>The program shall end.</summary>
    Quits,
}
