/* Montgomery products and squares with mulx and two independent carry chains (adcx, adox).
 *
 *   void climbs_fr_multiply_adx(climbs_fr *r, const climbs_fr *a, const climbs_fr *b)    4 limbs
 *   void climbs_fq_multiply_adx(climbs_fq *r, const climbs_fq *a, const climbs_fq *b)    6 limbs
 *   void climbs_fr_square_adx(climbs_fr *r, const climbs_fr *a)
 *   void climbs_fq_square_adx(climbs_fq *r, const climbs_fq *a)
 *
 * A product is made row by row: a b_i is added to the accumulator, whose lowest limb t_0 is then cleared. With k = -1/p
 * mod 2^64 and w = (k p + 1) / 2^64, adding t_0 k p clears it and adds t_0 w one limb higher: no product gives the
 * factor, which shortens the chain of dependent instructions. Only the last row takes m = k t_0 and adds m p. The
 * result is below a b / radix + w + p, where w is 0.04 r or 0.52 q, so below 2 p for a and b below p; it is canonical
 * after one subtraction.
 *
 * A square has the products of different limbs once, doubled; then its lower half is reduced and the upper half added. */
#if defined(__x86_64__)

#define R %rdi
#define A %rsi
#define B %rcx
#define LOW %rax
#define HIGH %rbx
#define T0 %r8
#define T1 %r9
#define T2 %r10
#define T3 %r11
#define T4 %r12
#define T5 %r13
#define T6 %r14

        .text

/* (next, t) += rdx times a word in memory, the low word with OF and the high word with CF. */
.macro ADD word, base, t, next
        mulx    \word(\base), LOW, HIGH
        adox    LOW, \t
        adcx    HIGH, \next
.endm

/* Begins a row: no carries. */
.macro BEGIN
        xor     %eax, %eax
.endm

/* Ends a row: the carry in OF. */
.macro END t
        mov     $0, %eax
        adox    LOW, \t
.endm

/* (next, t) = 2 (next, t) + word^2, doubling with CF and adding with OF. */
.macro DOUBLE_AND_SQUARE word, t, next
        mov     \word(A), %rdx
        mulx    %rdx, LOW, HIGH
        adcx    \t, \t
        adox    LOW, \t
        adcx    \next, \next
        adox    HIGH, \next
.endm

/* The accumulator plus rdx times the limbs at \first. */
.macro ADD_ROW_FR first, base, t0, t1, t2, t3, t4
        BEGIN
        ADD     \first+0, \base, \t0, \t1
        ADD     \first+8, \base, \t1, \t2
        ADD     \first+16, \base, \t2, \t3
        ADD     \first+24, \base, \t3, \t4
        END     \t4
.endm

/* Clears t0 and makes it the highest limb. */
.macro CLEAR_FR t0, t1, t2, t3, t4
        mov     \t0, %rdx
        BEGIN
        ADD     shifted_fr+0, %rip, \t1, \t2
        ADD     shifted_fr+8, %rip, \t2, \t3
        ADD     shifted_fr+16, %rip, \t3, \t4
        mulx    shifted_fr+24(%rip), LOW, \t0
        adox    LOW, \t4
        mov     $0, %eax
        adcx    LOW, \t0
        adox    LOW, \t0
.endm

/* The last row of a reduction; the result is in t1 and above. */
.macro FINISH_FR t0, t1, t2, t3, t4
        mov     negative_inverse_fr(%rip), %rdx
        imul    \t0, %rdx
        ADD_ROW_FR modulus_fr, %rip, \t0, \t1, \t2, \t3, \t4
.endm

/* Stores the limbs, minus the modulus if that is not negative. */
.macro STORE_FR t0, t1, t2, t3
        mov     \t0, %rax
        mov     \t1, %rdx
        mov     \t2, %rcx
        mov     \t3, %rsi
        sub     modulus_fr(%rip), %rax
        sbb     modulus_fr+8(%rip), %rdx
        sbb     modulus_fr+16(%rip), %rcx
        sbb     modulus_fr+24(%rip), %rsi
        cmovc   \t0, %rax
        cmovc   \t1, %rdx
        cmovc   \t2, %rcx
        cmovc   \t3, %rsi
        mov     %rax, (R)
        mov     %rdx, 8(R)
        mov     %rcx, 16(R)
        mov     %rsi, 24(R)
.endm

.macro ADD_ROW_FQ first, base, t0, t1, t2, t3, t4, t5, t6
        BEGIN
        ADD     \first+0, \base, \t0, \t1
        ADD     \first+8, \base, \t1, \t2
        ADD     \first+16, \base, \t2, \t3
        ADD     \first+24, \base, \t3, \t4
        ADD     \first+32, \base, \t4, \t5
        ADD     \first+40, \base, \t5, \t6
        END     \t6
.endm

.macro CLEAR_FQ t0, t1, t2, t3, t4, t5, t6
        mov     \t0, %rdx
        BEGIN
        ADD     shifted_fq+0, %rip, \t1, \t2
        ADD     shifted_fq+8, %rip, \t2, \t3
        ADD     shifted_fq+16, %rip, \t3, \t4
        ADD     shifted_fq+24, %rip, \t4, \t5
        ADD     shifted_fq+32, %rip, \t5, \t6
        mulx    shifted_fq+40(%rip), LOW, \t0
        adox    LOW, \t6
        mov     $0, %eax
        adcx    LOW, \t0
        adox    LOW, \t0
.endm

.macro FINISH_FQ t0, t1, t2, t3, t4, t5, t6
        mov     negative_inverse_fq(%rip), %rdx
        imul    \t0, %rdx
        ADD_ROW_FQ modulus_fq, %rip, \t0, \t1, \t2, \t3, \t4, \t5, \t6
.endm

.macro STORE_FQ t0, t1, t2, t3, t4, t5
        mov     \t0, %rax
        mov     \t1, %rdx
        mov     \t2, %rcx
        mov     \t3, %rsi
        mov     \t4, %rbx
        mov     \t5, %rbp
        sub     modulus_fq(%rip), %rax
        sbb     modulus_fq+8(%rip), %rdx
        sbb     modulus_fq+16(%rip), %rcx
        sbb     modulus_fq+24(%rip), %rsi
        sbb     modulus_fq+32(%rip), %rbx
        sbb     modulus_fq+40(%rip), %rbp
        cmovc   \t0, %rax
        cmovc   \t1, %rdx
        cmovc   \t2, %rcx
        cmovc   \t3, %rsi
        cmovc   \t4, %rbx
        cmovc   \t5, %rbp
        mov     %rax, (R)
        mov     %rdx, 8(R)
        mov     %rcx, 16(R)
        mov     %rsi, 24(R)
        mov     %rbx, 32(R)
        mov     %rbp, 40(R)
.endm

        .globl  climbs_fr_multiply_adx
        .type   climbs_fr_multiply_adx, @function
        .p2align 5
climbs_fr_multiply_adx:
        push    %rbx
        push    %r12
        mov     %rdx, B
        mov     (B), %rdx
        mulx    (A), T0, T1
        mulx    8(A), LOW, T2
        add     LOW, T1
        mulx    16(A), LOW, T3
        adc     LOW, T2
        mulx    24(A), LOW, T4
        adc     LOW, T3
        adc     $0, T4
        CLEAR_FR T0, T1, T2, T3, T4
        mov     8(B), %rdx
        ADD_ROW_FR 0, A, T1, T2, T3, T4, T0
        CLEAR_FR T1, T2, T3, T4, T0
        mov     16(B), %rdx
        ADD_ROW_FR 0, A, T2, T3, T4, T0, T1
        CLEAR_FR T2, T3, T4, T0, T1
        mov     24(B), %rdx
        ADD_ROW_FR 0, A, T3, T4, T0, T1, T2
        FINISH_FR T3, T4, T0, T1, T2
        STORE_FR T4, T0, T1, T2
        pop     %r12
        pop     %rbx
        ret
        .size   climbs_fr_multiply_adx, .-climbs_fr_multiply_adx

        .globl  climbs_fq_multiply_adx
        .type   climbs_fq_multiply_adx, @function
        .p2align 5
climbs_fq_multiply_adx:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        mov     %rdx, B
        mov     (B), %rdx
        mulx    (A), T0, T1
        mulx    8(A), LOW, T2
        add     LOW, T1
        mulx    16(A), LOW, T3
        adc     LOW, T2
        mulx    24(A), LOW, T4
        adc     LOW, T3
        mulx    32(A), LOW, T5
        adc     LOW, T4
        mulx    40(A), LOW, T6
        adc     LOW, T5
        adc     $0, T6
        CLEAR_FQ T0, T1, T2, T3, T4, T5, T6
        mov     8(B), %rdx
        ADD_ROW_FQ 0, A, T1, T2, T3, T4, T5, T6, T0
        CLEAR_FQ T1, T2, T3, T4, T5, T6, T0
        mov     16(B), %rdx
        ADD_ROW_FQ 0, A, T2, T3, T4, T5, T6, T0, T1
        CLEAR_FQ T2, T3, T4, T5, T6, T0, T1
        mov     24(B), %rdx
        ADD_ROW_FQ 0, A, T3, T4, T5, T6, T0, T1, T2
        CLEAR_FQ T3, T4, T5, T6, T0, T1, T2
        mov     32(B), %rdx
        ADD_ROW_FQ 0, A, T4, T5, T6, T0, T1, T2, T3
        CLEAR_FQ T4, T5, T6, T0, T1, T2, T3
        mov     40(B), %rdx
        ADD_ROW_FQ 0, A, T5, T6, T0, T1, T2, T3, T4
        FINISH_FQ T5, T6, T0, T1, T2, T3, T4
        STORE_FQ T6, T0, T1, T2, T3, T4
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret
        .size   climbs_fq_multiply_adx, .-climbs_fq_multiply_adx

        .globl  climbs_fr_square_adx
        .type   climbs_fr_square_adx, @function
        .p2align 5
climbs_fr_square_adx:
        push    %rbx
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     (A), %rdx
        mulx    8(A), T1, T2
        mulx    16(A), LOW, T3
        add     LOW, T2
        mulx    24(A), LOW, %r13
        adc     LOW, T3
        adc     $0, %r13
        mov     8(A), %rdx
        mov     $0, %r14
        BEGIN
        ADD     16, A, T3, %r13
        ADD     24, A, %r13, %r14
        END     %r14
        mov     16(A), %rdx
        mulx    24(A), LOW, %r15
        add     LOW, %r14
        adc     $0, %r15
        mov     (A), %rdx
        BEGIN
        mulx    %rdx, T0, HIGH
        adcx    T1, T1
        adox    HIGH, T1
        DOUBLE_AND_SQUARE 8, T2, T3
        DOUBLE_AND_SQUARE 16, %r13, %r14
        mov     24(A), %rdx
        mulx    %rdx, LOW, %rcx
        adcx    %r15, %r15
        adox    LOW, %r15
        mov     $0, %eax
        adcx    LOW, %rcx
        adox    LOW, %rcx
        xor     %r12d, %r12d
        CLEAR_FR T0, T1, T2, T3, T4
        CLEAR_FR T1, T2, T3, T4, T0
        CLEAR_FR T2, T3, T4, T0, T1
        FINISH_FR T3, T4, T0, T1, T2
        add     %r13, T4
        adc     %r14, T0
        adc     %r15, T1
        adc     %rcx, T2
        STORE_FR T4, T0, T1, T2
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbx
        ret
        .size   climbs_fr_square_adx, .-climbs_fr_square_adx

        .globl  climbs_fq_square_adx
        .type   climbs_fq_square_adx, @function
        .p2align 5
climbs_fq_square_adx:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        push    R
        mov     (A), %rdx
        mulx    8(A), T1, T2
        mulx    16(A), LOW, T3
        add     LOW, T2
        mulx    24(A), LOW, T4
        adc     LOW, T3
        mulx    32(A), LOW, T5
        adc     LOW, T4
        mulx    40(A), LOW, T6
        adc     LOW, T5
        adc     $0, T6
        mov     8(A), %rdx
        mov     $0, %r15
        BEGIN
        ADD     16, A, T3, T4
        ADD     24, A, T4, T5
        ADD     32, A, T5, T6
        ADD     40, A, T6, %r15
        END     %r15
        mov     16(A), %rdx
        mov     $0, %rcx
        BEGIN
        ADD     24, A, T5, T6
        ADD     32, A, T6, %r15
        ADD     40, A, %r15, %rcx
        END     %rcx
        mov     24(A), %rdx
        mov     $0, %rbp
        BEGIN
        ADD     32, A, %r15, %rcx
        ADD     40, A, %rcx, %rbp
        END     %rbp
        mov     32(A), %rdx
        mulx    40(A), LOW, T0
        add     LOW, %rbp
        adc     $0, T0
        mov     (A), %rdx
        BEGIN
        mulx    %rdx, R, HIGH
        adcx    T1, T1
        adox    HIGH, T1
        DOUBLE_AND_SQUARE 8, T2, T3
        DOUBLE_AND_SQUARE 16, T4, T5
        DOUBLE_AND_SQUARE 24, T6, %r15
        DOUBLE_AND_SQUARE 32, %rcx, %rbp
        mov     40(A), %rdx
        mulx    %rdx, LOW, A
        adcx    T0, T0
        adox    LOW, T0
        mov     $0, %eax
        adcx    LOW, A
        adox    LOW, A
        /* The upper half. */
        push    A
        push    T0
        push    %rbp
        push    %rcx
        push    T6
        mov     R, T0
        xor     %r14d, %r14d
        CLEAR_FQ T0, T1, T2, T3, T4, T5, T6
        CLEAR_FQ T1, T2, T3, T4, T5, T6, T0
        CLEAR_FQ T2, T3, T4, T5, T6, T0, T1
        CLEAR_FQ T3, T4, T5, T6, T0, T1, T2
        CLEAR_FQ T4, T5, T6, T0, T1, T2, T3
        FINISH_FQ T5, T6, T0, T1, T2, T3, T4
        add     (%rsp), T6
        adc     %r15, T0
        adc     8(%rsp), T1
        adc     16(%rsp), T2
        adc     24(%rsp), T3
        adc     32(%rsp), T4
        lea     40(%rsp), %rsp
        pop     R
        STORE_FQ T6, T0, T1, T2, T3, T4
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret
        .size   climbs_fq_square_adx, .-climbs_fq_square_adx

        .section .rodata
        .p2align 6
modulus_fr:
        .quad   0x0a11800000000001, 0x59aa76fed0000001, 0x60b44d1e5c37b001, 0x12ab655e9a2ca556
shifted_fr:
        .quad   0xb0cc68336fffffff, 0x34e3fcaeba5387fe, 0x9a8341f7db00d558, 0x00bbf8ad1ffd4882
negative_inverse_fr:
        .quad   0x0a117fffffffffff
        .p2align 6
modulus_fq:
        .quad   0x8508c00000000001, 0x170b5d4430000000, 0x1ef3622fba094800
        .quad   0x1a22d9f300f5138f, 0xc63b05c06ca1493b, 0x01ae3a4617c510ea
shifted_fq:
        .quad   0x2e16ba8860000000, 0x23064ee822fb5c00, 0xac15e6e165d35aaa
        .quad   0x2f1e3a2bc5ec524e, 0x4b54b63b52fe70a4, 0x00df92fae83eb1c6
negative_inverse_fq:
        .quad   0x8508bfffffffffff

#endif

#if defined(__linux__)
        .section .note.GNU-stack, "", @progbits
#endif
