using System.Text.Unicode;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Benchmarks.Micro.Support;
using RawSocketChat.Framing;

namespace RawSocketChat.Benchmarks.Micro.Framing;

/// <summary>UTF-8 checked whole and in pieces that cut characters, beside the BCL's check, which can only be given the whole.</summary>
public class Utf8Benchmarks
{
    private const int Texts = 64;

    // A prime, so that characters of two, three and four bytes are cut at every place.
    private const int PieceLength = 509;

    private byte[] _text = [];

    [Params(4096)]
    public int Bytes { get; set; }

    [Params(Script.Ascii, Script.Cjk, Script.Mixed)]
    public Script Text { get; set; }

    [GlobalSetup]
    public void Setup() => _text = Samples.Text(
        Text switch
        {
            Script.Ascii => "The quick brown fox jumps over the lazy dog. ",
            Script.Cjk => "春眠不覺曉處處聞啼鳥夜來風雨聲花落知多少",
            _ => "naïve café, 你好 🙂 (ok) — αβγ ",
        },
        Bytes);

    [Benchmark(Baseline = true, OperationsPerInvoke = Texts)]
    public bool Bcl()
    {
        var valid = true;
        for (var i = 0; i < Texts; i++)
        {
            valid &= Utf8.IsValid(_text);
        }

        return valid ? valid : throw new InvalidOperationException("The text is UTF-8.");
    }

    [Benchmark(OperationsPerInvoke = Texts)]
    public bool Whole()
    {
        var valid = true;
        for (var i = 0; i < Texts; i++)
        {
            var validator = default(Utf8Validator);
            valid &= validator.Append(_text) && validator.IsComplete;
        }

        return valid ? valid : throw new InvalidOperationException("The text is UTF-8.");
    }

    [Benchmark(OperationsPerInvoke = Texts)]
    public bool InPieces()
    {
        var valid = true;
        for (var i = 0; i < Texts; i++)
        {
            var validator = default(Utf8Validator);
            for (var at = 0; at < _text.Length; at += PieceLength)
            {
                valid &= validator.Append(_text.AsSpan(at, Math.Min(PieceLength, _text.Length - at)));
            }

            valid &= validator.IsComplete;
        }

        return valid ? valid : throw new InvalidOperationException("The text is UTF-8.");
    }
}
